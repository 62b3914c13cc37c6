# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A network in Caffe2: nets over the same parameter blobs, one for each way that it is run."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np
from caffe2.python import core, workspace

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._network import STATE_ROLES, weight_shapes
from fwconformance.frameworks.caffe2._layers import Plan
from fwconformance.frameworks.caffe2._losses import add_loss
from fwconformance.frameworks.caffe2._nets import blob, feed, fresh, held, run, seeded


def is_state(name: str) -> bool:
    return name.split(".", 1)[1] in STATE_ROLES


class Caffe2Model:
    """`Model` of the seam. Parameters are blobs of the workspace, below a name scope of the model's own."""

    def __init__(self, network: neutral.Network, weights: Mapping[str, Any] | None) -> None:
        self.network = network
        self.scope = fresh("model")
        self.names = tuple(weight_shapes(network))
        self._nets: dict[Any, tuple[Plan, str]] = {}
        self.plan = self.declare(training=False, init=True)
        workspace.RunNetOnce(seeded(self.plan.helper.param_init_net))
        for name, size in self.plan.statics:
            feed(name, np.zeros(size, "float32"))
        for name, value in (weights or {}).items():
            self.plan.slots[name].write(np.asarray(value, "float32"))

    def declare(self, *, training: bool, init: bool = False) -> Plan:
        """The network in a net of its own, over this model's parameters; `init`: they are made, not shared."""
        return Plan(self.network, self.scope, training=training, init=init)

    def net(self, *, training: bool, loss: neutral.Loss | None = None) -> tuple[Plan, str]:
        """(the declaration, the name of its net in the workspace); with `loss` gradients are computed too."""
        key = training, loss
        if key not in self._nets:
            plan = self.declare(training=training)
            if loss is not None:
                with core.NameScope(self.scope):
                    value = add_loss(plan.helper.net, loss, plan.outputs, plan.targets, plan.classes)
                plan.helper.AddGradientOperators([value])
                plan.loss = value
            workspace.CreateNet(seeded(plan.helper.net))
            self._nets[key] = plan, plan.helper.net.Proto().name
        return self._nets[key]

    def feed(self, plan: Plan, inputs: Any, lengths: Any = None, targets: Any = None) -> None:
        """Put a batch into the blobs that the net reads."""
        feed(plan.data, np.asarray(inputs, "int64" if self.network.integer_input else "float32"))
        if plan.states or plan.masks:
            batch, steps = np.shape(inputs)[:2]
            ends = np.asarray(np.full(batch, steps) if lengths is None else lengths, "int32")
            feed(plan.lengths, ends)
            for name, causal in plan.masks:
                unseen = np.broadcast_to(np.arange(steps) >= ends[:, None, None, None], (batch, 1, steps, steps))
                if causal:
                    unseen = unseen | np.triu(np.ones((steps, steps), bool), 1)
                feed(name, np.where(unseen, np.float32(-1e9), np.float32(0)))
            for name, units in plan.states:
                feed(name, np.zeros((1, batch, units), "float32"))
        if targets is not None:
            feed(plan.targets, np.asarray(targets, "int32" if np.asarray(targets).dtype.kind in "iu" else "float32"))

    def forward(self, inputs: Any, *, training: bool = False, lengths: Any = None) -> Any:
        plan, net = self.net(training=training)
        self.feed(plan, inputs, lengths)
        workspace.RunNet(net)
        return held(plan.outputs)

    def gradients(
        self, loss: neutral.Loss, inputs: Any, targets: Any, *, training: bool = False, lengths: Any = None
    ) -> tuple[Any, Mapping[str, Any], Any]:
        plan, net = self.net(training=training, loss=loss)
        self.feed(plan, inputs, lengths, targets)
        workspace.RunNet(net)
        slopes = {str(name): slope for name, slope in plan.helper.grad_map.items()}
        found = {
            name: slot.read([_dense(slopes[part], part) for part in slot.parts])
            for name, slot in plan.slots.items()
            if not is_state(name)
        }
        inward = slopes.get(str(plan.data))
        return held(plan.loss), found, held(inward) if inward is not None else None

    def weights(self) -> Mapping[str, Any]:
        return {name: self.plan.slots[name].read(self.plan.slots[name].parts) for name in self.names}

    def compiled(self) -> Caffe2Model:
        """Itself: a net is a graph that was created before it runs, and Caffe2 has no other way."""
        return self


def _dense(slope: Any, part: str) -> str:
    """The name of a gradient's blob; a table's gradient, which is rows and their numbers, is put together."""
    if not isinstance(slope, core.GradientSlice):
        return str(slope)
    features = blob(part).tensor().shape[-1]
    indices = run("Reshape", [slope.indices], 2, shape=[-1])[0]
    values = run("Reshape", [slope.values], 2, shape=[-1, features])[0]
    return run("SparseToDense", [indices, values, part])[0]
