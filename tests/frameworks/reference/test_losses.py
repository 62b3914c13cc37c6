"""Losses, against the definitions by hand and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.frameworks.reference._losses import LOSSES

SHAPES = st.sampled_from([(3,), (2, 4), (2, 3, 2)])


def drawn(kind, shape):
    """(outputs, targets) of a loss."""
    rng = np.random.RandomState(1)
    outputs = rng.normal(size=shape) * 2
    if kind == "cross-entropy":
        return outputs, rng.randint(0, shape[-1], size=shape[:-1])
    return outputs, rng.uniform(size=shape)


@pytest.mark.parametrize("kind", sorted(LOSSES))
@settings(max_examples=5, deadline=None, derandomize=True)
@given(shape=SHAPES)
def test_gradient(differences, kind, shape):
    """The gradient is that of the value, at any rank."""
    outputs, targets = drawn(kind, shape)
    _, gradient = LOSSES[kind](outputs, targets)
    expected = differences(lambda: LOSSES[kind](outputs, targets)[0], outputs)
    np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(
    ("kind", "one"),
    [
        ("mse", lambda z, t: (z - t) ** 2),
        ("mae", lambda z, t: abs(z - t)),
        ("huber", lambda z, t: 0.5 * (z - t) ** 2 if abs(z - t) <= 1 else abs(z - t) - 0.5),
        (
            "binary-cross-entropy",
            lambda z, t: -t * math.log(1 / (1 + math.exp(-z))) - (1 - t) * math.log(1 - 1 / (1 + math.exp(-z))),
        ),
    ],
)
def test_value_is_the_mean_of_every_cell(kind, one):
    """The mean over all axes of the formula for one cell."""
    outputs, targets = drawn(kind, (2, 3, 2))
    expected = np.mean([one(z, t) for z, t in zip(outputs.ravel(), targets.ravel())])
    assert LOSSES[kind](outputs, targets)[0] == pytest.approx(expected)


def test_cross_entropy_is_the_mean_of_every_row():
    """The mean over all axes but the last of minus the logarithm of the class's probability."""
    outputs, targets = drawn("cross-entropy", (2, 3, 4))
    expected = []
    for index in np.ndindex(2, 3):
        raised = [math.exp(z) for z in outputs[index]]
        expected.append(-math.log(raised[targets[index]] / sum(raised)))
    assert LOSSES["cross-entropy"](outputs, targets)[0] == pytest.approx(np.mean(expected))


def test_extreme_logits_stay_finite():
    """Logits of a thousand give the exact loss: warnings are errors here."""
    logits = np.array([[1000.0, -1000.0]])
    assert LOSSES["cross-entropy"](logits, np.array([1]))[0] == 2000.0
    assert LOSSES["binary-cross-entropy"](logits, np.array([[0.0, 1.0]]))[0] == 1000.0
