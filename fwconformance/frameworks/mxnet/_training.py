# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The ordinary Gluon training loop, with gluon.Trainer, save_parameters and save_states."""

from __future__ import annotations

import pathlib
from typing import Any

from mxnet import autograd, gluon

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.mxnet import _optimizers, _refusals
from fwconformance.frameworks.mxnet._losses import loss_block, scalar

_WEIGHTS, _STATES = "model.params", "trainer.states"


def optimizer_of(optimizer: neutral.Optimizer) -> tuple[str, dict[str, Any]]:
    """Gluon's name of it, and its parameters.

    Raises `Unsupported` for an Adam that adds epsilon elsewhere than MXNet's does.
    """
    if isinstance(optimizer, neutral.SGD):
        settings = {"learning_rate": optimizer.rate, "momentum": optimizer.momentum}
        return ("nag" if optimizer.nesterov else "sgd"), settings
    if isinstance(optimizer, neutral.Adam):
        if optimizer.epsilon_placement != "uncorrected":
            _refusals.adam_placement(optimizer.epsilon_placement)
        return "adam", {
            "learning_rate": optimizer.rate,
            "beta1": optimizer.beta1,
            "beta2": optimizer.beta2,
            "epsilon": optimizer.epsilon,
        }
    found = _optimizers.settings_of(optimizer)
    if found is not None:
        return found
    raise NotAdapted(f"the MXNet adapter does not know the optimizer {optimizer!r}")


class GluonTrainer:
    """`Trainer` of the seam."""

    def __init__(self, model: Any, loss: neutral.Loss, optimizer: neutral.Optimizer) -> None:
        self.model: Any = model
        self._loss = loss_block(loss)
        self.trainer = gluon.Trainer(model.stack.collect_params(), *optimizer_of(optimizer))

    def step(self, inputs: Any, targets: Any) -> Any:
        with autograd.record():
            losses = self._loss(self.model.run(self.model.take(inputs)), self.model.take(targets))
        losses.backward()
        self.trainer.step(len(inputs))
        return scalar(losses.mean())

    def save(self, path: str) -> None:
        folder = pathlib.Path(path)
        self.model.stack.save_parameters(str(folder / _WEIGHTS))
        self.trainer.save_states(str(folder / _STATES))

    def load(self, path: str) -> None:
        folder = pathlib.Path(path)
        self.model.stack.load_parameters(str(folder / _WEIGHTS), ctx=self.model.context)
        self.trainer.load_states(str(folder / _STATES))
