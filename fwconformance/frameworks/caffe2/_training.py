# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Training by Caffe2's optimizers; checkpoints are its operators Save and Load."""

from __future__ import annotations

import pathlib
from typing import Any

from caffe2.python import core, workspace

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks.caffe2._losses import add_loss
from fwconformance.frameworks.caffe2._nets import fresh, held, seeded
from fwconformance.frameworks.caffe2._optimizers import add_optimizer

_FILE = "trained.minidb"


class NetTrainer:
    """`Trainer` of the seam: one net of the pass, its gradients, and the optimizer's steps."""

    def __init__(self, model: Any, loss: neutral.Loss, chosen: neutral.Optimizer) -> None:
        self.model: Any = model
        plan = model.declare(training=True)
        with core.NameScope(model.scope):
            self.loss = add_loss(plan.helper.net, loss, plan.outputs, plan.targets, plan.classes)
        plan.helper.AddGradientOperators([self.loss])
        for parameter in plan.helper.params:
            # What the optimizer keeps is shaped like parameters that another net made.
            plan.helper.param_init_net.AddExternalInput(parameter)
        # What an optimizer counts by has the same name for every model otherwise.
        with core.NameScope(fresh("trainer")):
            add_optimizer(plan.helper, chosen)
        made = [name for operator in plan.helper.param_init_net.Proto().op for name in operator.output]
        self._state = [name for name in dict.fromkeys(made) if not name.endswith("_mutex")]
        workspace.RunNetOnce(plan.helper.param_init_net)
        workspace.CreateNet(seeded(plan.helper.net))
        self.plan = plan

    def step(self, inputs: Any, targets: Any) -> Any:
        self.model.feed(self.plan, inputs, None, targets)
        workspace.RunNet(self.plan.helper.net.Proto().name)
        return held(self.loss)

    def _kept(self) -> list[tuple[str, str]]:
        """(blob, its name in a checkpoint): models of one description have blobs of different names."""
        parts = [part for slot in self.plan.slots.values() for part in slot.parts]
        return [(name, f"{number}") for number, name in enumerate((*dict.fromkeys(parts), *self._state))]

    def save(self, path: str) -> None:
        names, kept = zip(*self._kept())
        workspace.RunOperatorOnce(
            core.CreateOperator(
                "Save", names, [], db=str(pathlib.Path(path) / _FILE), db_type="minidb", absolute_path=1,
                blob_name_overrides=kept,
            )
        )  # fmt: skip

    def load(self, path: str) -> None:
        names, kept = zip(*self._kept())
        workspace.RunOperatorOnce(
            core.CreateOperator(
                "Load", [], names, db=str(pathlib.Path(path) / _FILE), db_type="minidb", absolute_path=1,
                source_blob_names=kept,
            )
        )  # fmt: skip
