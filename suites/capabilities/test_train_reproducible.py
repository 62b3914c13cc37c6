"""train.reproducible: the framework's own initialisation, dropout and training under its own seed."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import SGD, Activation, Dense, Dropout, Loss, Network
from fwconformance.suitekit import ids, spread

NETWORK = Network(
    layers=(Dense(units=12), Activation(kind="tanh"), Dropout(rate=0.5), Dense(units=3)),
    input_shape=(6,),
)
MASK = Network(layers=(Dropout(rate=0.5),), input_shape=(40,))


def everything(framework, steps, ones):
    """Initial weights, a dropout mask, and the weights after training, in one flat mapping."""
    model = framework.build(NETWORK)
    seen = {f"initial {name}": value for name, value in model.weights().items()}
    seen["dropout mask"] = framework.build(MASK).forward(ones, training=True)
    trainer = framework.trainer(model, Loss(kind="cross-entropy"), SGD(rate=0.2))
    for inputs, targets in steps:
        trainer.step(inputs, targets)
    seen.update({f"trained {name}": value for name, value in trainer.model.weights().items()})
    return seen


def draw(case):
    return [(spread(case.rng, 16, 6), ids(case.rng, 3, 16)) for _ in range(3)], np.ones((8, 40), dtype=np.float32)


@pytest.mark.capability("train.reproducible", "same-seed")
def test_same_seed(framework, case):
    """The same seed twice: every weight before and after training, and every mask, is the same bit for bit."""
    steps, ones = draw(case)
    framework.seed(31)
    first = everything(framework, steps, ones)
    framework.seed(31)
    second = everything(framework, steps, ones)
    assert np.ptp(first["initial 0.kernel"]) > 0, "the initialisation drew nothing: all weights are equal"
    assert np.ptp(first["dropout mask"]) > 0, "dropout drew nothing"
    assert (first["initial 0.kernel"] != first["trained 0.kernel"]).any(), "training changed nothing"
    for name in sorted(first):
        case.assert_close(second[name], first[name], what=name)
        assert (second[name] == first[name]).all(), f"{name} differs in its last bits"


@pytest.mark.capability("train.reproducible", "other-seed-differs")
def test_other_seed_differs(framework, oracle, case):
    """Another seed, and going on without one, give other weights and other masks: a seed is not a constant."""
    steps, ones = draw(case)
    framework.seed(31)
    first = everything(framework, steps, ones)
    unseeded = everything(framework, steps, ones)
    framework.seed(32)
    other = everything(framework, steps, ones)
    for what, seen in (("another seed", other), ("no new seed", unseeded)):
        for name in ("initial 0.kernel", "initial 3.kernel", "dropout mask", "trained 3.kernel"):
            assert (seen[name] != first[name]).any(), f"with {what}, {name} is the same"
    # Dropout in training is what makes these runs random; at inference the network is its weights'.
    weights = {f"{index}.{role}": first[f"trained {index}.{role}"] for index in (0, 3) for role in ("kernel", "bias")}
    inputs = steps[0][0]
    case.assert_close(
        framework.build(NETWORK, weights).forward(inputs),
        oracle.build(NETWORK, weights).forward(inputs),
        what="outputs of the trained weights",
    )
