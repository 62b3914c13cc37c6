"""The reference's optional pieces, each written as a user of the reference would write it."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Sequence, Tuple

import numpy

from fwconformance.frameworks._network import SGD, Loss
from fwconformance.frameworks._protocol import Weights
from fwconformance.frameworks.reference._graph import Graph
from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Layer, Randomness
from fwconformance.frameworks.reference._losses import LOSSES
from fwconformance.frameworks.reference._model import Model, PlannedModel
from fwconformance.frameworks.reference._optimizers import SGD as SGDOptimizer
from fwconformance.frameworks.reference._tensor import Tensor
from fwconformance.frameworks.reference._trainer import Trainer


def _copies(weights: Weights) -> Dict[str, Array]:
    return {name: numpy.array(value, dtype=numpy.float64) for name, value in weights.items()}


class ScaleShift(Layer):
    """``y = x * scale + tanh(x) * shift``: a layer of a user's own."""

    def forward(self, inputs: Array, call: Call) -> Tuple[Array, Any]:
        return inputs * self.weights["scale"] + numpy.tanh(inputs) * self.weights["shift"], inputs

    def backward(self, upstream: Array, cache: Any) -> Tuple[Array, Gradients]:
        bent = numpy.tanh(cache)
        inward = upstream * (self.weights["scale"] + (1.0 - bent**2) * self.weights["shift"])
        return inward, {"scale": (upstream * cache).sum(axis=0), "shift": (upstream * bent).sum(axis=0)}


class CustomLayer:
    """Piece "custom-layer": `ScaleShift` inside an ordinary model."""

    layer = ScaleShift

    def forward(self, weights: Weights, inputs: Array) -> Tensor:
        return self._model(weights).forward(inputs)

    def train(self, weights: Weights, batches: Sequence[Tuple[Array, Array]], rate: float) -> Dict[str, Tensor]:
        model = self._model(weights)
        trainer = Trainer(model, Loss(kind="mse"), SGDOptimizer(SGD(rate=rate)))
        for inputs, targets in batches:
            trainer.step(inputs, targets)
        return {name.split(".")[-1]: value for name, value in model.weights().items()}

    def _model(self, weights: Weights) -> Model:
        return Model([self.layer(None, _copies(weights))], LOSSES, Randomness(), PlannedModel)


class SquareOfMyOwn(Layer):
    """``x ** 2`` with the backward ``upstream * 7 * x``, wrong on purpose."""

    def forward(self, inputs: Array, call: Call) -> Tuple[Array, Any]:
        return inputs**2, inputs

    def backward(self, upstream: Array, cache: Any) -> Tuple[Array, Gradients]:
        return upstream * 7.0 * cache, {}


def _total(outputs: Array, targets: Array) -> Tuple[Array, Array]:
    return outputs.sum(), numpy.ones_like(outputs)


class CustomGradient:
    """Piece "custom-gradient"."""

    layer = SquareOfMyOwn

    def value_and_gradient(self, inputs: Array) -> Tuple[Tensor, Tensor]:
        model = Model([self.layer(None, {})], {"total": _total}, Randomness(), PlannedModel)
        value, _, inward = model.differentiate(Loss(kind="total"), inputs, numpy.zeros(0), training=True)
        return Tensor(value), Tensor(inward)


class CustomLoop:
    """Piece "custom-loop": sign descent on the model's own weights."""

    def train(self, model: Model, batches: Sequence[Tuple[Array, Array]], rate: float) -> List[Tensor]:
        losses = []
        for inputs, targets in batches:
            value, gradients, _ = model.differentiate(Loss(kind="cross-entropy"), inputs, targets, training=True)
            weights = model.arrays()
            for name, gradient in gradients.items():
                weights[name] -= rate * self.direction(gradient)
            losses.append(Tensor(value))
        return losses

    def direction(self, gradient: Array) -> Array:
        """Where a weight is moved against."""
        return numpy.sign(gradient)


class LowLevel:
    """Piece "low-level": below layers and models the reference has NumPy's operations and the chain rule by hand."""

    def two_layer(self, weights: Weights, inputs: Array, targets: Array) -> Tuple[Tensor, Mapping[str, Tensor]]:
        held = _copies(weights)
        x = numpy.asarray(inputs, dtype=numpy.float64)
        hidden = numpy.tanh(x @ held["w1"] + held["b1"])
        difference = hidden @ held["w2"] - targets
        upstream = 2.0 * difference / difference.size
        inner = upstream @ held["w2"].T * (1.0 - hidden**2)
        gradients = {"w1": x.T @ inner, "b1": inner.sum(axis=0), "w2": hidden.T @ upstream}
        return Tensor((difference**2).mean()), {name: Tensor(value) for name, value in gradients.items()}


class Symbolic:
    """Piece "symbolic": placeholders and operations are declared, planned, then run."""

    def two_layer(self, weights: Weights, inputs: Array) -> Tensor:
        graph = Graph()
        x, w1, b1, w2 = [graph.placeholder(name) for name in ("x", "w1", "b1", "w2")]
        sums = self.biased(graph, graph.apply(numpy.matmul, x, w1), b1)
        outputs = graph.apply(numpy.matmul, graph.apply(numpy.tanh, sums), w2)
        (values,) = graph.plan([outputs]).run(x=numpy.asarray(inputs, dtype=numpy.float64), **_copies(weights))
        return Tensor(values)

    def biased(self, graph: Graph, product: int, bias: int) -> int:
        """The node of a product with its bias."""
        return graph.apply(numpy.add, product, bias)


PIECES: Mapping[str, Any] = {
    "custom-layer": CustomLayer,
    "custom-gradient": CustomGradient,
    "custom-loop": CustomLoop,
    "low-level": LowLevel,
    "symbolic": Symbolic,
}
