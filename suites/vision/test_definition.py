"""vision.expressive-definition: networks as text."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import Activation, Conv2D, Dense, Flatten, Network, Pool2D
from fwconformance.suitekit import compare_weights, largest_move, spread, weights_for

INPUT = (2, 6, 6)


def network(channels, kind="relu"):
    layers = (
        Conv2D(channels=channels, kernel=(3, 3), padding=((1, 1), (1, 1))),
        Activation(kind=kind),
        Pool2D(kind="max", size=(2, 2), stride=(2, 2)),
        Flatten(),
        Dense(units=3),
    )
    return Network(layers=layers, input_shape=INPUT)


def written(framework, wanted):
    text = framework.piece("definition").write(wanted)
    assert isinstance(text, str), f"the definition is a {type(text).__name__}"
    assert text.strip(), "the definition is empty"
    return text


@pytest.mark.capability("vision.expressive-definition", "read-back")
def test_read_back(framework, oracle, case):
    """Two networks, written one after the other and read back in the other order, give the oracle's outputs."""
    wanted = [network(4), network(5, "tanh")]
    texts = [written(framework, one) for one in wanted]
    assert texts[0] != texts[1], "two networks have one definition"
    for one, text in reversed(list(zip(wanted, texts))):
        weights, inputs = weights_for(one, case.rng), spread(case.rng, 3, *INPUT)
        actual = framework.piece("definition").forward(text, weights, inputs)
        case.assert_close(actual, oracle.build(one, weights).forward(inputs), what="outputs")


@pytest.mark.capability("vision.expressive-definition", "trains")
def test_trains(framework, oracle, case):
    """Three steps of SGD on the network that the text defines give the oracle's weights."""
    wanted = network(4)
    weights, text = weights_for(wanted, case.rng), written(framework, wanted)
    steps = [(spread(case.rng, 4, *INPUT), spread(case.rng, 4, 3)) for _ in range(3)]
    after = framework.piece("definition").train(text, weights, steps, 0.02)
    reference = oracle.piece("definition")
    compare_weights(case, after, reference.train(reference.write(wanted), weights, steps, 0.02), what="weights")
    assert min(largest_move(weights, after).values()) > 1e-3, "training left weights as they were"


@pytest.mark.capability("vision.expressive-definition", "own-layer")
def test_own_layer(framework, oracle, case):
    """A layer of the user's own, named in the text, does its work."""
    weights, inputs = {"scale": spread(case.rng, 5), "shift": spread(case.rng, 5)}, spread(case.rng, 4, 5)
    text, actual = framework.piece("definition").own_layer(weights, inputs)
    assert text.strip(), "the definition is empty"
    case.assert_close(actual, oracle.piece("custom-layer").forward(weights, inputs), what="outputs")
