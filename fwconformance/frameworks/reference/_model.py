"""Models of the reference: layers run one after another, or the same layers through a plan that was made before."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np

from fwconformance.frameworks._network import STATE_ROLES, Loss, recalled, sources
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.reference._graph import Graph, Node, Plan
from fwconformance.frameworks.reference._joins import Join
from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Layer, Randomness
from fwconformance.frameworks.reference._losses import LossFunction
from fwconformance.frameworks.reference._tensor import Tensor


class Model:
    """Layers and their weights; eager.

    Args:
        layers: in the order in which they are applied.
        losses: loss functions by kind.
        randomness: where dropout draws from.
        planned: the class that `compiled` makes.
        integer_input: whether inputs are ids and have no gradient.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        losses: Mapping[str, LossFunction],
        randomness: Randomness,
        planned: Any,
        integer_input: bool = False,
    ) -> None:
        self.layers = tuple(layers)
        self.losses = losses
        self.randomness = randomness
        self.planned = planned
        self.integer_input = integer_input
        self.recalled = recalled([layer.description for layer in self.layers])

    def forward(self, inputs: Array, *, training: bool = False, lengths: Array | None = None) -> Tensor:
        """Outputs; see `fwconformance.frameworks.Model`."""
        return Tensor(self.run(self.convert(inputs), self.call(training, lengths)))

    def gradients(
        self, loss: Loss, inputs: Array, targets: Array, *, training: bool = False, lengths: Array | None = None
    ) -> tuple[Tensor, dict[str, Tensor], Tensor | None]:
        """(loss, gradients by weight name, gradient of the inputs or None); see `fwconformance.frameworks.Model`."""
        value, gradients, inward = self.differentiate(loss, inputs, targets, training=training, lengths=lengths)
        wrapped = {name: Tensor(gradient) for name, gradient in gradients.items()}
        return Tensor(value), wrapped, None if self.integer_input else Tensor(inward)

    def weights(self) -> dict[str, Tensor]:
        """Copies of every weight by neutral name."""
        return {name: Tensor(value.copy()) for name, value in self.arrays().items()}

    def compiled(self) -> Model:
        """The same layers through a plan; see `PlannedModel`."""
        model: Model = self.planned(self.layers, self.losses, self.randomness, self.planned, self.integer_input)
        return model

    def arrays(self) -> dict[str, Array]:
        """The weights themselves by neutral name: changing one in place changes the model."""
        return {
            f"{index}.{role}": value for index, layer in enumerate(self.layers) for role, value in layer.weights.items()
        }

    def differentiate(
        self, loss: Loss, inputs: Array, targets: Array, *, training: bool, lengths: Array | None = None
    ) -> tuple[Array, Gradients, Array]:
        """As `gradients`, as plain arrays."""
        if loss.kind not in self.losses:
            raise NotAdapted(f"the reference has no loss {loss.kind!r}")
        function = self.losses[loss.kind]
        goals = np.asarray(targets) if loss.kind == "cross-entropy" else np.asarray(targets, dtype=np.float64)
        return self.run_gradients(function, self.convert(inputs), goals, self.call(training, lengths))

    def call(self, training: bool, lengths: Array | None) -> Call:
        """How the layers are run this time."""
        return Call(randomness=self.randomness, training=training, lengths=lengths)

    def convert(self, inputs: Array) -> Array:
        """Inputs as the layers take them: float64, or int64 ids."""
        return np.asarray(inputs, dtype=np.int64 if self.integer_input else np.float64)

    def run(self, inputs: Array, call: Call) -> Array:
        """Outputs as an array."""
        held = {-1: inputs}
        for index, layer in enumerate(self.layers):
            held[index], _ = layer.forward(self.given(index, held), call)
            if index - 1 not in self.recalled:
                del held[index - 1]
        return held[len(self.layers) - 1]

    def run_gradients(
        self, function: LossFunction, inputs: Array, targets: Array, call: Call
    ) -> tuple[Array, Gradients, Array]:
        """(loss, gradients by weight name, gradient of the inputs) as arrays."""
        held, caches = {-1: inputs}, []
        for index, layer in enumerate(self.layers):
            held[index], cache = layer.forward(self.given(index, held), call)
            caches.append(cache)
        last = len(self.layers) - 1
        value, upstream = function(held[last], targets)
        slopes: dict[int, Array] = {last: upstream}
        collected: list[Gradients] = []
        for index in range(last, -1, -1):
            layer = self.layers[index]
            inward, gradients = layer.backward(slopes.pop(index), caches.pop())
            collected.append(gradients)
            for source, part in zip(sources(layer.description, index), inward if isinstance(layer, Join) else [inward]):
                slopes[source] = slopes[source] + part if source in slopes else part
        return value, self.named(collected[::-1]), slopes[-1]

    def given(self, index: int, held: Mapping[int, Any]) -> Any:
        """What layer `index` takes of `held`, one thing a layer: that of the layer before, or of several as a tuple."""
        layer = self.layers[index]
        if not isinstance(layer, Join):
            return held[index - 1]
        return tuple(held[source] for source in sources(layer.description, index))

    def named(self, gradients: Sequence[Gradients]) -> Gradients:
        """Gradients of each layer's trained weights, by neutral name."""
        return {
            f"{index}.{role}": gradients[index][role]
            for index, layer in enumerate(self.layers)
            for role in layer.trained
        }


class PlannedModel(Model):
    """The same layers declared as one graph and run by a plan: the reference's compiled mode.

    Forward and backward are plans of their own over one graph; weights are read when a plan runs, so training shows
    at once.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._gradient_plans: dict[LossFunction, Plan] = {}
        self._graph = Graph()
        self._call = self._graph.placeholder("call")
        self._inputs = self._graph.placeholder("inputs")
        self._targets = self._graph.placeholder("targets")
        self._results: list[Node] = []
        held = {-1: self._inputs}
        for index, layer in enumerate(self.layers):
            given = self.given(index, held)
            if isinstance(layer, Join):
                given = self._graph.apply(lambda *parts: parts, *given)
            self._results.append(self._graph.apply(layer.forward, given, self._call))
            held[index] = self._graph.item(self._results[-1], 0)
        self._outputs = held[len(self.layers) - 1]
        self._forward_plan = self._graph.plan([self._outputs])

    def compiled(self) -> Model:
        return self

    def run(self, inputs: Array, call: Call) -> Array:
        (outputs,) = self._forward_plan.run(inputs=inputs, call=call)
        return outputs

    def run_gradients(
        self, function: LossFunction, inputs: Array, targets: Array, call: Call
    ) -> tuple[Array, Gradients, Array]:
        if function not in self._gradient_plans:
            self._gradient_plans[function] = self._plan_gradients(function)
        value, inward, *gradients = self._gradient_plans[function].run(inputs=inputs, call=call, targets=targets)
        return value, self.named(gradients), inward

    def _plan_gradients(self, function: LossFunction) -> Plan:
        graph = self._graph
        loss = graph.apply(function, self._outputs, self._targets)
        last = len(self.layers) - 1
        slopes: dict[int, Node] = {last: graph.item(loss, 1)}
        gradients: list[Node] = []
        for index in range(last, -1, -1):
            layer = self.layers[index]
            back = graph.apply(layer.backward, slopes.pop(index), graph.item(self._results[index], 1))
            inward = graph.item(back, 0)
            gradients.append(graph.item(back, 1))
            for place, source in enumerate(sources(layer.description, index)):
                part = graph.item(inward, place) if isinstance(layer, Join) else inward
                slopes[source] = graph.apply(np.add, slopes[source], part) if source in slopes else part
        return graph.plan([graph.item(loss, 0), slopes[-1], *gradients[::-1]])


def initial_weights(shapes: Mapping[str, tuple[int, ...]], randomness: Randomness) -> dict[str, Array]:
    """Weights to start from: kernels uniform as in Glorot and Bengio (2010), scales and variances 1, else 0."""
    return {name: _initial(name.split(".")[-1], shape, randomness) for name, shape in shapes.items()}


def _initial(role: str, shape: tuple[int, ...], randomness: Randomness) -> Array:
    if role in {"scale", "variance"}:
        return np.ones(shape)
    if len(shape) < 2 or role in STATE_ROLES:
        return np.zeros(shape)
    field = int(np.prod(shape[2:]))
    limit = (6.0 / (field * (shape[0] + shape[1]))) ** 0.5
    return randomness.generator.uniform(-limit, limit, size=shape)
