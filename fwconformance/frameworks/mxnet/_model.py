# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A network in Gluon: a block of parts, run imperatively or hybridized."""

from __future__ import annotations

from typing import Any, Mapping

import mxnet
import numpy as np
from mxnet import autograd, gluon

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._network import recalled, weight_shapes
from fwconformance.frameworks.mxnet import _layers
from fwconformance.frameworks.mxnet._arrays import to_array
from fwconformance.frameworks.mxnet._losses import loss_block, scalar
from fwconformance.frameworks.mxnet._recurrent import RecurrentPart


class Stack(gluon.HybridBlock):
    """The parts of a network, one after another; with `prefix` and `params` of another, over its parameters."""

    def __init__(self, network: neutral.Network, prefix: Any = None, params: Any = None) -> None:
        super().__init__(prefix=prefix, params=params)
        self.network = network
        shapes = _layers.grouped(weight_shapes(network), len(network.layers))
        self._order = []
        self._recalled = recalled(network.layers)
        with self.name_scope():
            for index, (layer, of_layer) in enumerate(zip(network.layers, shapes)):
                part = _layers.part(layer, index, of_layer)
                self.register_child(part)
                self._order.append(part.name)

    @property
    def parts(self) -> list[Any]:
        return list(self._children.values())

    def hybrid_forward(self, ops: Any, x: Any, lengths: Any = None) -> Any:
        earlier = {-1: x}
        for index, part in enumerate(self.parts):
            # Only what reads sequences is told of their lengths: a traced graph may not have inputs that it does not
            # use.
            reads = lengths is not None and isinstance(part, (RecurrentPart, _layers.AttentionPart))
            if part.sources:
                x = part(*(x if source == index - 1 else earlier[source] for source in part.sources))
            else:
                x = part(x, lengths) if reads else part.called(x)
            if index in self._recalled:
                earlier[index] = x
        return x


class GluonModel:
    """`Model` of the seam. `stack` holds the parameters; losses are multiplied by `loss_scale` before they are
    differentiated, and gradients divided by it.
    """

    loss_scale = 1.0

    def __init__(self, stack: Any, context: Any) -> None:
        self.stack = stack
        self.context = context

    @classmethod
    def build(cls, network: neutral.Network, weights: Mapping[str, Any] | None, context: Any) -> GluonModel:
        stack = Stack(network)
        # Xavier's is the initialiser that Gluon's tutorials take; its default, uniform within 0.07, ignores the
        # layers' sizes.
        stack.initialize(mxnet.init.Xavier(), ctx=context)
        model = cls(stack, context)
        if weights is not None:
            for index, part in enumerate(stack.parts):
                prefix = f"{index}."
                part.write({n[len(prefix) :]: model.take(v) for n, v in weights.items() if n.startswith(prefix)})
        return model

    def take(self, values: Any) -> Any:
        """An array as an NDArray on this model's device: float32, or int64 for integers."""
        return to_array(values, self.context, "int64" if values.dtype.kind in "iu" else "float32")

    def run(self, x: Any, lengths: Any = None) -> Any:
        return self.stack(x) if lengths is None else self.stack(x, lengths)

    def forward(self, inputs: Any, *, training: bool = False, lengths: Any = None) -> Any:
        x, ends = self.take(inputs), None if lengths is None else self.take(lengths)
        if not training:
            with autograd.predict_mode():
                return self.run(x, ends)
        with autograd.record():
            outputs = self.run(x, ends)
        if any(part.state() for part in self.stack.parts):
            # A training pass of MXNet ends with the backward one: it is there that batch normalisation moves its
            # statistics.
            outputs.backward(outputs.zeros_like())
        return outputs.detach()

    def gradients(
        self, loss: neutral.Loss, inputs: Any, targets: Any, *, training: bool = False, lengths: Any = None
    ) -> tuple[Any, Mapping[str, Any], Any]:
        self.stack.collect_params().zero_grad()
        x = self.take(inputs)
        if inputs.dtype.kind == "f":
            x.attach_grad()
        with autograd.record(train_mode=training):
            outputs = self.run(x, None if lengths is None else self.take(lengths))
            value = loss_block(loss)(as_float32(outputs), self.take(targets)).mean()
            scaled = value if self.loss_scale == 1.0 else value * self.loss_scale
        scaled.backward(train_mode=training)
        found = self._read(lambda p: p.data().zeros_like() if p.grad_req == "null" else p.grad())
        if self.loss_scale != 1.0:
            found = {name: slope / self.loss_scale for name, slope in found.items()}
            return scalar(value), found, None if x.grad is None else x.grad / self.loss_scale
        return scalar(value), found, x.grad

    def weights(self) -> Mapping[str, Any]:
        found = self._read(lambda parameter: parameter.data())
        for index, part in enumerate(self.stack.parts):
            found.update({f"{index}.{role}": p.data().copy() for role, p in part.state().items()})
        return found

    def compiled(self) -> GluonModel:
        return HybridModel(self.stack, self.context)

    def _read(self, pick: Any) -> dict[str, Any]:
        return {
            f"{index}.{role}": array.copy()
            for index, part in enumerate(self.stack.parts)
            for role, array in part.read(pick).items()
        }


def as_float32(outputs: Any) -> Any:
    """What a network gives, in the type in which the loss is computed; itself where it is of that type."""
    return outputs if outputs.dtype == np.float32 else outputs.astype("float32")


class HybridModel(GluonModel):
    """The same parameters through a block of their own that is hybridized: traced to a graph at its first call."""

    def __init__(self, stack: Any, context: Any) -> None:
        super().__init__(stack, context)
        self._plain = self._trace()
        self._ragged: dict[int, Any] = {}

    def _trace(self, steps: int = 0) -> Any:
        twin = Stack(self.stack.network, prefix=self.stack.prefix, params=self.stack.collect_params())
        for part in twin.parts:
            if isinstance(part, RecurrentPart):
                part.steps = steps
        # Not static_shape as well: with it, gradients in predict mode end in an error of the engine for some recurrent
        # layers (apache/mxnet issue 13445 is of that family), and the documentation asks for it only for more speed.
        twin.hybridize(static_alloc=True)
        return twin

    def run(self, x: Any, lengths: Any = None) -> Any:
        if lengths is None:
            return self._plain(x)
        # Cells are unrolled over a fixed number of steps, so each number has a graph of its own.
        steps = x.shape[1]
        if steps not in self._ragged:
            self._ragged[steps] = self._trace(steps)
        return self._ragged[steps](x, lengths)
