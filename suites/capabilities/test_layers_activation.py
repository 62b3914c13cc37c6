"""layers.activation: values and gradients against the oracle, large inputs among them."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Activation, Loss, Network
from fwconformance.suitekit import check_forward, check_gradients, distinct, spread

ORDINARY = [-3.1, -1.7, -0.9, -0.31, -0.05, 0.04, 0.27, 0.8, 1.6, 2.9]
LARGE = [-80.0, -30.0, -12.0, 12.0, 30.0, 80.0]


def check_activation(case, framework, oracle, kind, inputs):
    """Values, and gradients under targets up to three away, so that no gradient is small by luck."""
    network = Network(layers=(Activation(kind=kind),), input_shape=inputs.shape[1:])
    targets = (spread(case.rng, *inputs.shape) * 3).astype(np.float32)
    check_forward(case, framework, oracle, network, {}, inputs, what="values")
    check_gradients(case, framework, oracle, network, {}, Loss(kind="mse"), inputs, targets)


def rows(values):
    """The values twice, in two orders: (2, n)."""
    row = np.array(values, dtype=np.float32)
    return np.stack([row, np.roll(row, 3)])


@pytest.mark.capability("layers.activation", "relu")
def test_relu(framework, oracle, case):
    """ReLU on both sides of zero."""
    check_activation(case, framework, oracle, "relu", rows(ORDINARY))


@pytest.mark.capability("layers.activation", "tanh")
def test_tanh(framework, oracle, case):
    """tanh, saturated at both ends."""
    check_activation(case, framework, oracle, "tanh", rows(ORDINARY + LARGE))


@pytest.mark.capability("layers.activation", "sigmoid")
def test_sigmoid(framework, oracle, case):
    """The logistic function, where exp(80) would lose everything."""
    check_activation(case, framework, oracle, "sigmoid", rows(ORDINARY + LARGE))


@pytest.mark.capability("layers.activation", "softmax")
def test_softmax(framework, oracle, case):
    """Softmax over the last of three axes, where exp(120) would overflow."""
    check_activation(case, framework, oracle, "softmax", distinct(case.rng, 2, 3, 4, step=0.23))
    check_activation(case, framework, oracle, "softmax", distinct(case.rng, 2, 3, 4, step=0.23) + np.float32(117))
    check_activation(case, framework, oracle, "softmax", np.array([[[120.0, 119.0, -120.0]]] * 2, dtype=np.float32))


@pytest.mark.capability("layers.activation", "gelu")
def test_gelu(framework, oracle, case):
    """The exact GELU: its tanh approximation is 4e-4 away, four times what passes here."""
    check_activation(case, framework, oracle, "gelu", rows(ORDINARY))
