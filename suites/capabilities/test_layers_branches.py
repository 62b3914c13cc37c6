"""layers.branches against the oracle: networks that are no chain. No two branches are of one width."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import Activation, Conv2D, Dense, Flatten, Network, Route, Shortcut
from fwconformance.suitekit import check_both, spread, weights_for

TANH = Activation(kind="tanh")
SHAPE = (3, 5, 4)


def conv(channels, kernel, padding=(0, 0)):
    (rows, columns) = padding
    return Conv2D(channels=channels, kernel=kernel, padding=((rows, rows), (columns, columns)))


def check(case, framework, oracle, network):
    """Outputs, loss and gradients on a batch of two."""
    inputs = spread(case.rng, 2, *network.input_shape)
    check_both(case, framework, oracle, network, weights_for(network, case.rng), inputs, case.rng)


@pytest.mark.capability("layers.branches", "shortcut")
def test_shortcut(framework, oracle, case):
    """A block of two convolutions beside which its inputs pass, and one beside which the network's own do."""
    layers = (
        *(conv(3, (3, 3), (1, 1)), TANH, conv(3, (3, 1), (1, 0)), Shortcut(layer=-1), TANH),
        *(conv(3, (1, 3), (0, 1)), Shortcut(layer=4)),
        *(Flatten(), Dense(units=2)),
    )
    check(case, framework, oracle, Network(layers=layers, input_shape=SHAPE))


@pytest.mark.capability("layers.branches", "channels")
def test_channels(framework, oracle, case):
    """Three branches over the same images, joined by channels in an order that is not that of their layers."""
    layers = (
        *(conv(4, (1, 1)), TANH),
        *(conv(2, (3, 3), (1, 1)), Route(layers=(1,)), conv(3, (1, 1)), Route(layers=(1,)), conv(1, (3, 1), (1, 0))),
        *(Route(layers=(4, 6, 2)), conv(2, (2, 2)), Flatten(), Dense(units=2)),
    )
    check(case, framework, oracle, Network(layers=layers, input_shape=SHAPE))


@pytest.mark.capability("layers.branches", "features")
def test_features(framework, oracle, case):
    """Rows of two branches joined to one, and the inputs to them."""
    layers = (
        *(Dense(units=4), TANH, Route(layers=(-1,)), Dense(units=2), TANH),
        *(Route(layers=(4, -1, 1)), Dense(units=3)),
    )
    check(case, framework, oracle, Network(layers=layers, input_shape=(5,)))
