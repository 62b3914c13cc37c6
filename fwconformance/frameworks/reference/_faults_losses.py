"""Faults of losses."""

from __future__ import annotations

import numpy as np

from fwconformance.frameworks.reference import _losses as sound
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._layers_dense import softmax
from fwconformance.frameworks.reference._mutant import fault, loss


@fault("losses.regression", "mse", loss("mse"))
def mse_halved(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """The half that makes the derivative look nice is left in."""
    value, gradient = sound.mean_squared(outputs, targets)
    return value / 2.0, gradient / 2.0


@fault("losses.regression", "mae", loss("mae"))
def mae_sums_features(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """The mean is over the batch alone; the other axes are summed."""
    value, gradient = sound.mean_absolute(outputs, targets)
    others = outputs.size / len(outputs)
    return value * others, gradient * others


@fault("losses.regression", "huber", loss("huber"))
def huber_quadratic_throughout(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """Large differences are squared like small ones."""
    value, gradient = sound.mean_squared(outputs, targets)
    return value / 2.0, gradient / 2.0


@fault("losses.classification", "cross-entropy", loss("cross-entropy"))
def cross_entropy_sums_steps(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """The mean is over the batch alone; the steps of a sequence are summed."""
    value, gradient = sound.cross_entropy(outputs, targets)
    steps = targets.size / len(targets)
    return value * steps, gradient * steps


@fault("losses.classification", "extreme-logits", loss("cross-entropy"))
def cross_entropy_through_probabilities(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """The logarithm is taken of probabilities cut at 1e-7."""
    classes = np.asarray(targets, dtype=np.int64)[..., None]
    chosen = np.take_along_axis(softmax(outputs), classes, axis=-1)
    return -np.log(np.maximum(chosen, 1e-7)).mean(), sound.cross_entropy(outputs, targets)[1]


@fault("losses.classification", "binary-cross-entropy extreme-logits", loss("binary-cross-entropy"))
def binary_cross_entropy_rounds_targets(outputs: Array, targets: Array) -> tuple[Array, Array]:
    """Soft targets are taken for the class that they are nearer to."""
    return sound.binary_cross_entropy(outputs, np.round(targets))
