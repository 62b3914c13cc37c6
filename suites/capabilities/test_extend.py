"""extend.*: layers, gradients and computations of the user's own."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import compare_weights, largest_move, scalar, spread


def layer_weights(rng):
    return {"scale": spread(rng, 5), "shift": spread(rng, 5)}


@pytest.mark.capability("extend.custom-layer", "forward")
def test_custom_layer_forward(framework, oracle, case):
    """``x * scale + tanh(x) * shift``."""
    weights, inputs = layer_weights(case.rng), spread(case.rng, 4, 5)
    actual = framework.piece("custom-layer").forward(weights, inputs)
    case.assert_close(actual, oracle.piece("custom-layer").forward(weights, inputs), what="outputs")


@pytest.mark.capability("extend.custom-layer", "trains")
def test_custom_layer_trains(framework, oracle, case):
    """Three SGD steps move both parameters to where the oracle's go."""
    weights = layer_weights(case.rng)
    steps = [(spread(case.rng, 4, 5), spread(case.rng, 4, 5)) for _ in range(3)]
    after = framework.piece("custom-layer").train(weights, steps, 0.5)
    compare_weights(case, after, oracle.piece("custom-layer").train(weights, steps, 0.5), what="parameters")
    moved = largest_move(weights, after)
    assert min(moved.values()) > 1e-2, f"a parameter was not trained: {moved}"


@pytest.mark.capability("extend.custom-gradient", "wrong-on-purpose")
def test_custom_gradient(framework, case):
    """The value is the sum of squares; the gradient is the 7 x of the user's rule, not the true 2 x."""
    inputs = spread(case.rng, 3, 4)
    value, gradient = framework.piece("custom-gradient").value_and_gradient(inputs)
    exact = inputs.astype("float64")
    case.assert_close(scalar(value), (exact**2).sum(), what="value")
    case.assert_close(gradient, 7 * exact, what="gradient")


@pytest.mark.capability("extend.low-level", "value-and-gradients")
def test_low_level(framework, oracle, case):
    """Loss and gradients of a two-layer network without a layer class."""
    weights = {"w1": spread(case.rng, 4, 6), "b1": spread(case.rng, 6), "w2": spread(case.rng, 6, 3)}
    inputs, targets = spread(case.rng, 5, 4), spread(case.rng, 5, 3)
    loss, gradients = framework.piece("low-level").two_layer(weights, inputs, targets)
    expected_loss, expected = oracle.piece("low-level").two_layer(weights, inputs, targets)
    case.assert_close(scalar(loss), expected_loss, what="loss")
    compare_weights(case, gradients, expected, what="gradient")
