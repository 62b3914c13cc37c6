"""layers.conv2d against the oracle, on images that are not square."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Activation, Conv2D, Dense, Flatten, Loss, Network
from fwconformance.suitekit import check_both, check_forward, check_gradients, given, spread, st, weights_for

MSE = Loss(kind="mse")
STRIDED = Conv2D(channels=4, kernel=(3, 2), stride=(2, 1), padding=((1, 1), (2, 2)))


def network_of(layer, input_shape):
    """The layer alone: its output is the network's."""
    return Network(layers=(layer,), input_shape=input_shape)


def check_layer(case, framework, oracle, layer, input_shape, rng):
    """Outputs and gradients of the layer alone, on a batch of two."""
    network = network_of(layer, input_shape)
    check_both(case, framework, oracle, network, weights_for(network, rng), spread(rng, 2, *input_shape), rng)


@pytest.mark.capability("layers.conv2d", "forward")
def test_forward(framework, oracle, case):
    """A strided, padded convolution gives the oracle's outputs."""
    network = network_of(STRIDED, (3, 7, 5))
    check_forward(case, framework, oracle, network, weights_for(network, case.rng), spread(case.rng, 2, 3, 7, 5))


@pytest.mark.capability("layers.conv2d", "gradients")
def test_gradients(framework, oracle, case):
    """Gradients through two convolutions, one of them without bias, and a flattened head are the oracle's."""
    network = Network(
        layers=(
            STRIDED,
            Activation(kind="tanh"),
            Conv2D(channels=3, kernel=(2, 3), bias=False),
            Flatten(),
            Dense(units=2),
        ),
        input_shape=(3, 7, 5),
    )
    weights, inputs, targets = weights_for(network, case.rng), spread(case.rng, 2, 3, 7, 5), spread(case.rng, 2, 2)
    check_gradients(case, framework, oracle, network, weights, MSE, inputs, targets)


@pytest.mark.capability("layers.conv2d", "geometry")
@given(
    kernel=st.sampled_from([(1, 1), (3, 1), (2, 3), (3, 3)]),
    stride=st.sampled_from([(1, 1), (2, 1), (1, 3)]),
    padding=st.sampled_from([(0, 0), (1, 0), (0, 2), (1, 1)]),
    size=st.sampled_from([(4, 5), (6, 3)]),
)
def test_geometry(framework, oracle, case, kernel, stride, padding, size):
    """Any kernel, stride and symmetric padding gives the oracle's outputs and gradients."""
    (rows, columns), rng = padding, np.random.default_rng([*kernel, *stride, *padding, *size])
    layer = Conv2D(channels=3, kernel=kernel, stride=stride, padding=((rows, rows), (columns, columns)))
    check_layer(case, framework, oracle, layer, (2, *size), rng)


@pytest.mark.capability("layers.conv2d", "asymmetric-padding")
def test_asymmetric_padding(framework, oracle, case):
    """Different padding on each side."""
    layer = Conv2D(channels=3, kernel=(3, 2), stride=(2, 2), padding=((0, 1), (2, 1)))
    check_layer(case, framework, oracle, layer, (2, 6, 5), case.rng)


@pytest.mark.capability("layers.conv2d", "dilated")
def test_dilated(framework, oracle, case):
    """Rows two apart, columns next to each other."""
    layer = Conv2D(channels=3, kernel=(3, 2), dilation=(2, 1), padding=((1, 1), (0, 0)))
    check_layer(case, framework, oracle, layer, (2, 7, 5), case.rng)


@pytest.mark.capability("layers.conv2d", "grouped")
def test_grouped(framework, oracle, case):
    """Two groups: the first half of the output sees the first half of the input alone."""
    layer = Conv2D(channels=6, kernel=(3, 2), groups=2, padding=((1, 1), (0, 0)))
    check_layer(case, framework, oracle, layer, (4, 5, 6), case.rng)
