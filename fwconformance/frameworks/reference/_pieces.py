"""The reference's optional pieces, each written as a user of the reference would write it."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np

from fwconformance.frameworks import _network as net
from fwconformance.frameworks._protocol import Weights
from fwconformance.frameworks.reference._graph import Graph
from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Layer, Randomness
from fwconformance.frameworks.reference._losses import LOSSES
from fwconformance.frameworks.reference._model import Model, PlannedModel
from fwconformance.frameworks.reference._optimizers import SGD
from fwconformance.frameworks.reference._tensor import Tensor
from fwconformance.frameworks.reference._trainer import Trainer


def _copies(weights: Weights) -> dict[str, Array]:
    return {name: np.array(value, dtype=np.float64) for name, value in weights.items()}


class ScaleShift(Layer):
    """``y = x * scale + tanh(x) * shift``: a layer of a user's own."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return inputs * self.weights["scale"] + np.tanh(inputs) * self.weights["shift"], inputs

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        bent = np.tanh(cache)
        inward = upstream * (self.weights["scale"] + (1.0 - bent**2) * self.weights["shift"])
        return inward, {"scale": (upstream * cache).sum(axis=0), "shift": (upstream * bent).sum(axis=0)}


class CustomLayer:
    """Piece "custom-layer": `ScaleShift` inside an ordinary model."""

    layer = ScaleShift

    def forward(self, weights: Weights, inputs: Array) -> Tensor:
        return self._model(weights).forward(inputs)

    def train(self, weights: Weights, batches: Sequence[tuple[Array, Array]], rate: float) -> dict[str, Tensor]:
        model = self._model(weights)
        trainer = Trainer(model, net.Loss(kind="mse"), SGD(net.SGD(rate=rate)))
        for inputs, targets in batches:
            trainer.step(inputs, targets)
        return {name.split(".")[-1]: value for name, value in model.weights().items()}

    def _model(self, weights: Weights) -> Model:
        return Model([self.layer(None, _copies(weights))], LOSSES, Randomness(), PlannedModel)


class SquareOfMyOwn(Layer):
    """``x ** 2`` with the backward ``upstream * 7 * x``, wrong on purpose."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return inputs**2, inputs

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        return upstream * 7.0 * cache, {}


def _total(outputs: Array, targets: Array) -> tuple[Array, Array]:
    return outputs.sum(), np.ones_like(outputs)


class CustomGradient:
    """Piece "custom-gradient"."""

    layer = SquareOfMyOwn

    def value_and_gradient(self, inputs: Array) -> tuple[Tensor, Tensor]:
        model = Model([self.layer(None, {})], {"total": _total}, Randomness(), PlannedModel)
        value, _, inward = model.differentiate(net.Loss(kind="total"), inputs, np.zeros(0), training=True)
        return Tensor(value), Tensor(inward)


class CustomLoop:
    """Piece "custom-loop": sign descent on the model's own weights."""

    def train(self, model: Model, batches: Sequence[tuple[Array, Array]], rate: float) -> list[Tensor]:
        losses = []
        for inputs, targets in batches:
            value, gradients, _ = model.differentiate(net.Loss(kind="cross-entropy"), inputs, targets, training=True)
            weights = model.arrays()
            for name, gradient in gradients.items():
                weights[name] -= rate * self.direction(gradient)
            losses.append(Tensor(value))
        return losses

    def direction(self, gradient: Array) -> Array:
        """Where a weight is moved against."""
        return np.sign(gradient)


class LowLevel:
    """Piece "low-level": below layers and models the reference has NumPy's operations and the chain rule by hand."""

    def two_layer(self, weights: Weights, inputs: Array, targets: Array) -> tuple[Tensor, Mapping[str, Tensor]]:
        held = _copies(weights)
        x = np.asarray(inputs, dtype=np.float64)
        hidden = np.tanh(x @ held["w1"] + held["b1"])
        difference = hidden @ held["w2"] - targets
        upstream = 2.0 * difference / difference.size
        inner = upstream @ held["w2"].T * self.slope(hidden)
        gradients = {"w1": x.T @ inner, "b1": inner.sum(axis=0), "w2": hidden.T @ upstream}
        return Tensor((difference**2).mean()), {name: Tensor(value) for name, value in gradients.items()}

    def slope(self, hidden: Array) -> Array:
        """The derivative of tanh where it is `hidden`."""
        return 1.0 - hidden**2


class Symbolic:
    """Piece "symbolic": placeholders and operations are declared, planned, then run."""

    def two_layer(self, weights: Weights, inputs: Array) -> Tensor:
        graph = Graph()
        x, w1, b1, w2 = [graph.placeholder(name) for name in ("x", "w1", "b1", "w2")]
        sums = self.biased(graph, graph.apply(np.matmul, x, w1), b1)
        outputs = graph.apply(np.matmul, graph.apply(np.tanh, sums), w2)
        (values,) = graph.plan([outputs]).run(x=np.asarray(inputs, dtype=np.float64), **_copies(weights))
        return Tensor(values)

    def biased(self, graph: Graph, product: int, bias: int) -> int:
        """The node of a product with its bias."""
        return graph.apply(np.add, product, bias)


PIECES: Mapping[str, Any] = {
    "custom-layer": CustomLayer,
    "custom-gradient": CustomGradient,
    "custom-loop": CustomLoop,
    "low-level": LowLevel,
    "symbolic": Symbolic,
}
