"""extend.*: layers, gradients, operators and computations of the user's own."""

from __future__ import annotations

import pytest

from fwconformance.suitekit import (
    check_operator_forward,
    check_operator_gradients,
    compare_weights,
    largest_move,
    scalar,
    spread,
)


def layer_weights(rng):
    return {"scale": spread(rng, 5), "shift": spread(rng, 5)}


def two_layers(rng):
    """Weights of a two-layer network, or a direction among them."""
    return {"w1": spread(rng, 4, 6), "b1": spread(rng, 6), "w2": spread(rng, 6, 3)}


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
    weights = two_layers(case.rng)
    inputs, targets = spread(case.rng, 5, 4), spread(case.rng, 5, 3)
    loss, gradients = framework.piece("low-level").two_layer(weights, inputs, targets)
    expected_loss, expected = oracle.piece("low-level").two_layer(weights, inputs, targets)
    case.assert_close(scalar(loss), expected_loss, what="loss")
    compare_weights(case, gradients, expected, what="gradient")


@pytest.mark.capability("extend.higher-order-gradients", "gradient-penalty")
def test_gradient_penalty(framework, oracle, case):
    """The gradients of a penalty on gradients are the oracle's."""
    weights, inputs = two_layers(case.rng), spread(case.rng, 5, 4)
    penalty, gradients = framework.piece("higher-order").penalty(weights, inputs)
    expected_penalty, expected = oracle.piece("higher-order").penalty(weights, inputs)
    case.assert_close(scalar(penalty), expected_penalty, what="penalty")
    compare_weights(case, gradients, expected, what="gradient")


@pytest.mark.capability("extend.higher-order-gradients", "hessian-vector")
def test_hessian_vector(framework, oracle, case):
    """The Hessian of a loss, times a vector, is the oracle's."""
    weights, along = two_layers(case.rng), two_layers(case.rng)
    inputs, targets = spread(case.rng, 5, 4), spread(case.rng, 5, 3)
    product = framework.piece("higher-order").hessian_vector(weights, along, inputs, targets)
    expected = oracle.piece("higher-order").hessian_vector(weights, along, inputs, targets)
    compare_weights(case, product, expected, what="product")


@pytest.mark.capability("extend.higher-order-gradients", "third-order")
def test_third_derivative(framework, oracle, case):
    """The third derivative of tanh is the oracle's."""
    inputs = spread(case.rng, 3, 4)
    expected = oracle.piece("higher-order").third(inputs)
    case.assert_close(framework.piece("higher-order").third(inputs), expected, what="third derivative")


@pytest.mark.capability("extend.custom-operator", "forward")
def test_custom_operator_forward(framework, case):
    """Values of the operator come from the compiled code, and are right."""
    check_operator_forward(case, framework)


@pytest.mark.capability("extend.custom-operator", "gradients")
def test_custom_operator_gradients(framework, case):
    """A network with the operator inside has the gradients of the chain rule, through the compiled backward."""
    check_operator_gradients(case, framework)
