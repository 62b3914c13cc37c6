"""train.custom-loop: an update rule that no framework ships as its default."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Activation, Dense, Loss, Network
from fwconformance.suitekit import compare_weights, ids, scalar, spread, weights_for

NETWORK = Network(layers=(Dense(units=4), Activation(kind="tanh"), Dense(units=3)), input_shape=(3,))
RATE = 0.03125  # a power of two: a step changes a weight by exactly this, but for the sum's rounding
SMALLEST = 2e-5


def smallest_gradient(oracle, weights, steps):
    """The smallest size of any gradient on the oracle's way: below rounding, its sign would be chance."""
    model, smallest = oracle.build(NETWORK, weights), np.inf
    for inputs, targets in steps:
        _, gradients, _ = model.gradients(Loss(kind="cross-entropy"), inputs, targets)
        smallest = min([smallest] + [float(np.abs(gradient).min()) for gradient in gradients.values()])
        oracle.piece("custom-loop").train(model, [(inputs, targets)], RATE)
    return smallest


def draw(oracle, rng):
    """Weights and three batches on which every gradient's sign is certain."""
    for _ in range(100):
        weights = weights_for(NETWORK, rng)
        steps = [(spread(rng, 6, 3), ids(rng, 3, 6)) for _ in range(3)]
        if smallest_gradient(oracle, weights, steps) > SMALLEST:
            return weights, steps
    raise RuntimeError("no draw in a hundred keeps every gradient away from zero: raise the batch or lower SMALLEST")


@pytest.mark.capability("train.custom-loop", "sign-descent")
def test_sign_descent(framework, oracle, case):
    """Losses and weights of three steps of sign descent are the oracle's; each weight moved by whole rates."""
    weights, steps = draw(oracle, case.rng)
    model, expected = framework.build(NETWORK, weights), oracle.build(NETWORK, weights)
    losses = framework.piece("custom-loop").train(model, steps, RATE)
    expected_losses = oracle.piece("custom-loop").train(expected, steps, RATE)
    assert len(losses) == len(steps), f"{len(losses)} losses came for {len(steps)} steps"
    for number, (loss, expected_loss) in enumerate(zip(losses, expected_losses), start=1):
        case.assert_close(scalar(loss), expected_loss, what=f"loss before step {number}")
    after = model.weights()
    compare_weights(case, after, expected.weights(), what="weights after three steps")
    for name in weights:
        rates = np.abs(after[name] - weights[name]) / RATE
        odd = np.minimum(np.abs(rates - 1), np.abs(rates - 3)).max()
        assert odd < 1e-4, f"{name} moved by other than one or three rates: {odd:.2g} off"
