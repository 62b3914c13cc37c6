# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Pieces for research: Keras' operations under its backend's gradients, and an operator of the backend in a layer."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from fwconformance.frameworks._protocol import Array, Tensor, Weights
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._native import keras, ops

_NAMES = ("w1", "b1", "w2")


class _Piece:
    def __init__(self, backend: Backend, device: str) -> None:
        self.backend = backend
        self.device = device

    def _take(self, values: Array) -> Any:
        return self.backend.tensor(values, "float32")

    def _given(self, weights: Weights) -> list[Any]:
        return [self._take(weights[name]) for name in _NAMES]


def _outputs(x: Any, w1: Any, b1: Any, w2: Any) -> Any:
    return ops.matmul(ops.tanh(ops.add(ops.matmul(x, w1), b1)), w2)


def _mean_square(outputs: Any, targets: Any) -> Any:
    return ops.mean(ops.square(ops.subtract(outputs, targets)))


class HigherOrder(_Piece):
    """`keras.ops`; Keras leaves gradients to its backend."""

    def penalty(self, weights: Weights, inputs: Array) -> tuple[Tensor, Mapping[str, Tensor]]:
        with self.backend.scope(self.device):
            x = self._take(inputs)

            def penalty(*given: Any) -> Any:
                (slope,) = self.backend.slopes(lambda value: ops.sum(_outputs(value, *given)), [x])
                return ops.multiply(ops.sum(ops.square(slope)), 0.5)

            value, gradients = self.backend.differentiate(penalty, self._given(weights))
            return value, dict(zip(_NAMES, gradients))

    def hessian_vector(self, weights: Weights, along: Weights, inputs: Array, targets: Array) -> Mapping[str, Tensor]:
        with self.backend.scope(self.device):
            x, t, vector = self._take(inputs), self._take(targets), self._given(along)

            def slope_along(*given: Any) -> Any:
                slopes = self.backend.slopes(lambda *weights: _mean_square(_outputs(x, *weights), t), list(given))
                first, *rest = [ops.sum(ops.multiply(slope, each)) for slope, each in zip(slopes, vector)]
                for each in rest:
                    first = ops.add(first, each)
                return first

            return dict(zip(_NAMES, self.backend.differentiate(slope_along, self._given(weights))[1]))

    def third(self, inputs: Array) -> Tensor:
        def first(x: Any) -> Any:
            return ops.sum(self.backend.slopes(lambda value: ops.sum(ops.tanh(value)), [x])[0])

        def second(x: Any) -> Any:
            return ops.sum(self.backend.slopes(first, [x])[0])

        with self.backend.scope(self.device):
            return self.backend.differentiate(second, [self._take(inputs)])[1][0]


class _Layer(keras.layers.Layer):  # type: ignore[misc, unused-ignore]
    """A user's own layer around the backend's operator."""

    def __init__(self, operator: Callable[[Any], Any]) -> None:
        super().__init__()
        self._operator = operator

    def call(self, inputs: Any) -> Any:
        return self._operator(inputs)


class CustomOperator(_Piece):
    """Keras has no operators in C++: one of its backend's, inside a layer of Keras'."""

    def project(self) -> Mapping[str, Any]:
        return self.backend.operator_project()

    def forward(self, library: str, inputs: Array) -> Tensor:
        with self.backend.scope(self.device):
            return _Layer(self.backend.operator(library))(self._take(inputs))

    def network(
        self, library: str, weights: Weights, inputs: Array, targets: Array
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        with self.backend.scope(self.device):
            layer, x, t = _Layer(self.backend.operator(library)), self._take(inputs), self._take(targets)

            def loss(w1: Any, b1: Any, w2: Any) -> Any:
                return _mean_square(ops.matmul(layer(ops.add(ops.matmul(x, w1), b1)), w2), t)

            value, gradients = self.backend.differentiate(loss, self._given(weights))
            return value, dict(zip(_NAMES, gradients))


def piece(name: str, backend: Backend, device: str) -> Any:
    """The piece "higher-order" or "custom-operator"."""
    return {"higher-order": HigherOrder, "custom-operator": CustomOperator}[name](backend, device)
