"""Losses: a value, and its gradient by the outputs. Each is a mean over the batch and every other axis but the class axis."""

from __future__ import annotations

from typing import Callable, Mapping, Tuple

import numpy

from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._layers_dense import sigmoid, softmax

LossFunction = Callable[[Array, Array], Tuple[Array, Array]]


def mean_squared(outputs: Array, targets: Array) -> Tuple[Array, Array]:
    difference = outputs - targets
    return (difference**2).mean(), 2.0 * difference / difference.size


def mean_absolute(outputs: Array, targets: Array) -> Tuple[Array, Array]:
    difference = outputs - targets
    return numpy.abs(difference).mean(), numpy.sign(difference) / difference.size


def huber(outputs: Array, targets: Array) -> Tuple[Array, Array]:
    """Huber (1964) with delta 1: squared near zero, linear from 1 on."""
    difference = outputs - targets
    size = numpy.abs(difference)
    values = numpy.where(size <= 1.0, 0.5 * difference**2, size - 0.5)
    return values.mean(), numpy.clip(difference, -1.0, 1.0) / difference.size


def binary_cross_entropy(outputs: Array, targets: Array) -> Tuple[Array, Array]:
    """From logits: ``-t log s(z) - (1 - t) log(1 - s(z))``, written so that no exponential overflows."""
    values = numpy.maximum(outputs, 0.0) - outputs * targets + numpy.log1p(numpy.exp(-numpy.abs(outputs)))
    return values.mean(), (sigmoid(outputs) - targets) / outputs.size


def cross_entropy(outputs: Array, targets: Array) -> Tuple[Array, Array]:
    """From logits over the last axis and integer classes: ``log(sum(exp(z))) - z[class]``, the largest logit taken off first."""
    shifted = outputs - outputs.max(axis=-1, keepdims=True)
    classes = numpy.asarray(targets, dtype=numpy.int64)[..., None]
    chosen = numpy.take_along_axis(shifted, classes, axis=-1)
    values = numpy.log(numpy.exp(shifted).sum(axis=-1, keepdims=True)) - chosen
    gradient = softmax(outputs)
    numpy.put_along_axis(gradient, classes, numpy.take_along_axis(gradient, classes, axis=-1) - 1.0, axis=-1)
    return values.mean(), gradient / values.size


LOSSES: Mapping[str, LossFunction] = {
    "mse": mean_squared,
    "mae": mean_absolute,
    "huber": huber,
    "binary-cross-entropy": binary_cross_entropy,
    "cross-entropy": cross_entropy,
}
