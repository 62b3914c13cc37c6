"""Shortcuts and routes: what a network that is no chain computes, and its gradients by finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Activation, Dense, Loss, Network, Route, Shortcut, weight_shapes
from fwconformance.frameworks.reference import Reference

MSE = Loss(kind="mse")
NETWORK = Network(
    layers=(
        *(Dense(units=4), Activation(kind="tanh"), Shortcut(layer=0)),
        *(Route(layers=(2, -1, 1)), Dense(units=4), Shortcut(layer=2)),
    ),
    input_shape=(3,),
)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def weights(rng):
    return {name: rng.normal(size=shape) for name, shape in weight_shapes(NETWORK).items()}


@pytest.fixture
def batch(rng):
    return rng.normal(size=(2, 3)), rng.normal(size=(2, 4))


def test_outputs_follow_the_description(weights, batch):
    inputs, _ = batch
    dense = inputs @ weights["0.kernel"] + weights["0.bias"]
    added = np.tanh(dense) + dense
    joined = np.concatenate([added, inputs, np.tanh(dense)], axis=1)
    expected = joined @ weights["4.kernel"] + weights["4.bias"] + added
    np.testing.assert_allclose(Reference().build(NETWORK, weights).forward(inputs).array, expected)


def test_gradients_of_every_branch_add_up(weights, batch, differences):
    inputs, targets = batch
    model = Reference().build(NETWORK, weights)
    _, gradients, inward = model.gradients(MSE, inputs, targets)

    def loss():
        return float(model.gradients(MSE, inputs, targets)[0].array)

    for name, values in model.arrays().items():
        np.testing.assert_allclose(gradients[name].array, differences(loss, values), rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(inward.array, differences(loss, inputs), rtol=1e-5, atol=1e-8)


def test_a_plan_computes_the_same(weights, batch):
    inputs, targets = batch
    model = Reference().build(NETWORK, weights)
    np.testing.assert_array_equal(model.compiled().forward(inputs).array, model.forward(inputs).array)
    results = [each.gradients(MSE, inputs, targets) for each in (model, model.compiled())]
    for name, gradient in results[0][1].items():
        np.testing.assert_array_equal(results[1][1][name].array, gradient.array)
    np.testing.assert_array_equal(results[1][2].array, results[0][2].array)


def test_outputs_are_kept_that_are_asked_for_later_than_by_the_next_layer():
    assert Reference().build(NETWORK).recalled == {-1, 0, 1, 2}
