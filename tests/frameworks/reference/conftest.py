"""What the reference's own tests share: gradients by finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Network
from fwconformance.frameworks.reference import Reference
from fwconformance.frameworks.reference._layer import Call, Randomness


def difference(function, values, step=1e-6):
    """The gradient of the scalar `function()` by each of `values`, an array that it reads, by central differences."""
    gradient = np.zeros(values.shape)
    for index in np.ndindex(*values.shape):
        before = values[index]
        values[index] = before + step
        above = function()
        values[index] = before - step
        below = function()
        values[index] = before
        gradient[index] = (above - below) / (2 * step)
    return gradient


@pytest.fixture(scope="session")
def differences():
    """`difference`, for what is not a layer."""
    return difference


@pytest.fixture(scope="session")
def layer_of():
    """A layer with weights at random, none of them neutral: ``layer_of(description, input_shape, seed)``."""

    def make(description, input_shape, seed=0, *, integer_input=False):
        rng = np.random.RandomState(seed)
        network = Network(layers=(description,), input_shape=input_shape, integer_input=integer_input)
        layer = Reference().build(network).layers[0]
        for role, values in layer.weights.items():
            values[...] = rng.uniform(0.4, 1.6, values.shape) if role == "variance" else rng.normal(size=values.shape)
        return layer

    return make


@pytest.fixture(scope="session")
def check_backward():
    """Assert that a layer's backward pass is what finite differences of its forward pass give, for all it depends on.

    The scalar is the sum of the outputs, each times a number of its own. State (running statistics) is put back before
    each pass.
    """

    def check(layer, inputs, *, training=False, lengths=None, seed=1):
        state = {role: value.copy() for role, value in layer.weights.items() if role not in layer.trained}

        def run():
            for role, value in state.items():
                layer.weights[role][...] = value
            call = Call(randomness=Randomness(3), training=training, lengths=lengths)
            return layer.forward(inputs, call)

        outputs, cache = run()
        factors = np.random.RandomState(seed).normal(size=outputs.shape)
        inward, gradients = layer.backward(factors, cache)
        assert set(gradients) == set(layer.trained)

        def total():
            return (run()[0] * factors).sum()

        compared = {role: (layer.weights[role], gradients[role]) for role in layer.trained}
        if inputs.dtype.kind == "f":
            compared["inputs"] = (inputs, inward)
        for role, (values, gradient) in compared.items():
            assert gradient.shape == values.shape, role
            np.testing.assert_allclose(gradient, difference(total, values), rtol=1e-5, atol=1e-7, err_msg=role)

    return check


@pytest.fixture(scope="session")
def forward():
    """Outputs of one layer: ``forward(layer, inputs, training=..., lengths=...)``."""

    def run(layer, inputs, *, training=False, lengths=None):
        return layer.forward(inputs, Call(randomness=Randomness(3), training=training, lengths=lengths))[0]

    return run
