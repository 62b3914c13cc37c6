"""Optimizers, against their formulas written out step by step for one number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fwconformance.frameworks import SGD, Adam
from fwconformance.frameworks.reference import _optimizers as made

GRADIENTS = [0.5, -2.0, 0.125, 3.0]


def steps_of(optimizer):
    """The weight after each step from 1.0 under `GRADIENTS`."""
    weights, seen = {"w": np.array([1.0])}, []
    for gradient in GRADIENTS:
        optimizer.apply(weights, {"w": np.array([gradient])})
        seen.append(weights["w"][0])
    return seen


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd(momentum, nesterov):
    """``v = momentum * v + g; w -= rate * v``, or Nesterov's ``w -= rate * (g + momentum * v)``."""
    weight, velocity, expected = 1.0, 0.0, []
    for gradient in GRADIENTS:
        velocity = momentum * velocity + gradient
        weight -= 0.1 * (gradient + momentum * velocity if nesterov else velocity)
        expected.append(weight)
    description = SGD(rate=0.1, momentum=momentum, nesterov=nesterov)
    np.testing.assert_allclose(steps_of(made.SGD(description)), expected, rtol=1e-14)


@pytest.mark.parametrize("placement", ["corrected", "uncorrected"])
def test_adam(placement):
    """Both placements of epsilon, with one so large that they differ."""
    weight, first, second, expected = 1.0, 0.0, 0.0, []
    for count, gradient in enumerate(GRADIENTS, start=1):
        first = 0.8 * first + 0.2 * gradient
        second = 0.9 * second + 0.1 * gradient**2
        c1, c2 = 1 - 0.8**count, 1 - 0.9**count
        if placement == "corrected":
            weight -= 0.1 * (first / c1) / (math.sqrt(second / c2) + 0.3)
        else:
            weight -= 0.1 * math.sqrt(c2) / c1 * first / (math.sqrt(second) + 0.3)
        expected.append(weight)
    description = Adam(rate=0.1, beta1=0.8, beta2=0.9, epsilon=0.3, epsilon_placement=placement)
    np.testing.assert_allclose(steps_of(made.Adam(description)), expected, rtol=1e-13)


def test_placements_differ():
    """The two placements are two."""
    corrected, uncorrected = (
        steps_of(made.Adam(Adam(rate=0.1, epsilon=0.3, epsilon_placement=placement)))
        for placement in ("corrected", "uncorrected")
    )
    assert abs(corrected[0] - uncorrected[0]) > 1e-3


def test_weights_without_gradient_stay():
    """What has no gradient is not touched."""
    weights = {"w": np.array([1.0]), "kept": np.array([5.0])}
    made.SGD(SGD(rate=0.1, momentum=0.9)).apply(weights, {"w": np.array([1.0])})
    assert weights["kept"][0] == 5.0
