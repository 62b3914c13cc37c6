"""layers.conv2d-transpose against the oracle, on images that are not square."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Activation, Conv2D, ConvTranspose2D, Dense, Flatten, Loss, Network
from fwconformance.suitekit import check_both, check_forward, check_gradients, given, spread, st, weights_for

MSE = Loss(kind="mse")
STRIDED = ConvTranspose2D(channels=4, kernel=(3, 2), stride=(2, 1), padding=(1, 0))


def check_layer(case, framework, oracle, layer, input_shape, rng):
    """Outputs and gradients of the layer alone, on a batch of two."""
    network = Network(layers=(layer,), input_shape=input_shape)
    check_both(case, framework, oracle, network, weights_for(network, rng), spread(rng, 2, *input_shape), rng)


@pytest.mark.capability("layers.conv2d-transpose", "forward")
def test_forward(framework, oracle, case):
    """Windows that overlap by rows and lie side by side by columns, a row cut from either end."""
    network = Network(layers=(STRIDED,), input_shape=(3, 4, 5))
    check_forward(case, framework, oracle, network, weights_for(network, case.rng), spread(case.rng, 2, 3, 4, 5))


@pytest.mark.capability("layers.conv2d-transpose", "gradients")
def test_gradients(framework, oracle, case):
    """Through a convolution that shrinks an image and a transposed one, without bias, that enlarges it again."""
    network = Network(
        layers=(
            Conv2D(channels=4, kernel=(3, 2), stride=(2, 1)),
            Activation(kind="tanh"),
            ConvTranspose2D(channels=3, kernel=(3, 2), stride=(2, 1), bias=False),
            Flatten(),
            Dense(units=2),
        ),
        input_shape=(3, 7, 5),
    )
    weights, inputs, targets = weights_for(network, case.rng), spread(case.rng, 2, 3, 7, 5), spread(case.rng, 2, 2)
    check_gradients(case, framework, oracle, network, weights, MSE, inputs, targets)


@pytest.mark.capability("layers.conv2d-transpose", "geometry")
@given(
    kernel=st.sampled_from([(1, 1), (3, 1), (2, 3), (3, 3)]),
    stride=st.sampled_from([(1, 1), (2, 1), (1, 3)]),
    padding=st.sampled_from([(0, 0), (1, 0), (0, 1)]),
    size=st.sampled_from([(4, 5), (3, 3)]),
)
def test_geometry(framework, oracle, case, kernel, stride, padding, size):
    """Any kernel, stride and padding, also a kernel smaller than the stride, which leaves cells between its windows."""
    rng = np.random.default_rng([*kernel, *stride, *padding, *size])
    layer = ConvTranspose2D(channels=3, kernel=kernel, stride=stride, padding=padding)
    check_layer(case, framework, oracle, layer, (2, *size), rng)


@pytest.mark.capability("layers.conv2d-transpose", "grouped")
def test_grouped(framework, oracle, case):
    """Two groups: the first half of the output sees the first half of the input alone."""
    layer = ConvTranspose2D(channels=6, kernel=(3, 2), stride=(2, 2), groups=2)
    check_layer(case, framework, oracle, layer, (4, 3, 4), case.rng)
