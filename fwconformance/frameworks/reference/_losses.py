"""Losses: a value, and its gradient by the outputs; a mean over the batch and every other axis but the class axis."""

from __future__ import annotations

from typing import Callable, Mapping, Tuple

import numpy as np

from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._layers_dense import sigmoid, softmax

LossFunction = Callable[[Array, Array], Tuple[Array, Array]]


def mean_squared(outputs: Array, targets: Array) -> tuple[Array, Array]:
    difference = outputs - targets
    return (difference**2).mean(), 2.0 * difference / difference.size


def mean_absolute(outputs: Array, targets: Array) -> tuple[Array, Array]:
    difference = outputs - targets
    return np.abs(difference).mean(), np.sign(difference) / difference.size


def huber(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """Huber (1964) with delta 1: squared near zero, linear from 1 on."""
    difference = outputs - targets
    size = np.abs(difference)
    values = np.where(size <= 1.0, 0.5 * difference**2, size - 0.5)
    return values.mean(), np.clip(difference, -1.0, 1.0) / difference.size


def binary_cross_entropy(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """From logits: ``-t log s(z) - (1 - t) log(1 - s(z))``, written so that no exponential overflows."""
    values = np.maximum(outputs, 0.0) - outputs * targets + np.log1p(np.exp(-np.abs(outputs)))
    return values.mean(), (sigmoid(outputs) - targets) / outputs.size


def cross_entropy(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """From logits over the last axis and integer classes: ``log(sum(exp(z))) - z[class]``.

    The largest logit is taken off first, so that nothing overflows.
    """
    shifted = outputs - outputs.max(axis=-1, keepdims=True)
    classes = np.asarray(targets, dtype=np.int64)[..., None]
    chosen = np.take_along_axis(shifted, classes, axis=-1)
    values = np.log(np.exp(shifted).sum(axis=-1, keepdims=True)) - chosen
    gradient = softmax(outputs)
    np.put_along_axis(gradient, classes, np.take_along_axis(gradient, classes, axis=-1) - 1.0, axis=-1)
    return values.mean(), gradient / values.size


LOSSES: Mapping[str, LossFunction] = {
    "mse": mean_squared,
    "mae": mean_absolute,
    "huber": huber,
    "binary-cross-entropy": binary_cross_entropy,
    "cross-entropy": cross_entropy,
}
