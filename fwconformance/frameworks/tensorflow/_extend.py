# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Pieces for research: tapes within tapes, and an operator by REGISTER_OP."""

from __future__ import annotations

from typing import Any, Mapping

import tensorflow as tf

from fwconformance.frameworks._protocol import Array, Tensor, Weights
from fwconformance.frameworks._tfoperator import operator, project
from fwconformance.frameworks.tensorflow._model import scope

_NAMES = ("w1", "b1", "w2")


class _Piece:
    def __init__(self, device: str) -> None:
        self.device = device


def _given(weights: Weights) -> list[Any]:
    return [tf.constant(weights[name], tf.float32) for name in _NAMES]


def _outputs(given: list[Any], x: Any) -> Any:
    w1, b1, w2 = given
    return tf.matmul(tf.tanh(tf.matmul(x, w1) + b1), w2)


class HigherOrder(_Piece):
    """A `tf.GradientTape` that watches another."""

    def penalty(self, weights: Weights, inputs: Array) -> tuple[Tensor, Mapping[str, Tensor]]:
        with scope(self.device):
            given, x = _given(weights), tf.constant(inputs, tf.float32)
            with tf.GradientTape() as outer:
                outer.watch(given)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    total = tf.reduce_sum(_outputs(given, x))
                penalty = tf.reduce_sum(tf.square(inner.gradient(total, x))) / 2
            return penalty, dict(zip(_NAMES, outer.gradient(penalty, given)))

    def hessian_vector(self, weights: Weights, along: Weights, inputs: Array, targets: Array) -> Mapping[str, Tensor]:
        with scope(self.device):
            given, x, t = _given(weights), tf.constant(inputs, tf.float32), tf.constant(targets, tf.float32)
            with tf.GradientTape() as outer:
                outer.watch(given)
                with tf.GradientTape() as inner:
                    inner.watch(given)
                    loss = tf.reduce_mean(tf.math.squared_difference(_outputs(given, x), t))
                slopes = inner.gradient(loss, given)
            return dict(zip(_NAMES, outer.gradient(slopes, given, output_gradients=_given(along))))

    def third(self, inputs: Array) -> Tensor:
        with scope(self.device):
            return self._derivative(tf.constant(inputs, tf.float32), 3)

    def _derivative(self, x: Any, order: int) -> Any:
        if order == 0:
            return tf.tanh(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = self._derivative(x, order - 1)
        return tape.gradient(value, x)


class CustomOperator(_Piece):
    """`tf.load_op_library`."""

    def project(self) -> Mapping[str, Any]:
        return project(tf)

    def forward(self, library: str, inputs: Array) -> Tensor:
        with scope(self.device):
            return operator(tf, library)(x=tf.constant(inputs, tf.float32))

    def network(
        self, library: str, weights: Weights, inputs: Array, targets: Array
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        with scope(self.device):
            given, x, t = _given(weights), tf.constant(inputs, tf.float32), tf.constant(targets, tf.float32)
            with tf.GradientTape() as tape:
                tape.watch(given)
                w1, b1, w2 = given
                hidden = operator(tf, library)(x=tf.matmul(x, w1) + b1)
                loss = tf.reduce_mean(tf.math.squared_difference(tf.matmul(hidden, w2), t))
            return loss, dict(zip(_NAMES, tape.gradient(loss, given)))


def piece(name: str, device: str) -> Any:
    """The piece "higher-order" or "custom-operator"."""
    return {"higher-order": HigherOrder, "custom-operator": CustomOperator}[name](device)
