"""train.dataset: a small real data set is learned."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import SGD, Activation, Dense, Flatten, Loss, Network
from fwconformance.suitekit import accuracy, batches, digits, initial_weights, train

NETWORK = Network(
    layers=(Flatten(), Dense(units=32), Activation(kind="relu"), Dense(units=10)),
    input_shape=(1, 8, 8),
)


@pytest.mark.capability("train.dataset", "digits")
def test_digits(framework, oracle, case):
    """Handwritten digits: chance is 10 %, six passes of SGD with momentum must reach 90 % on held-out images."""
    data, weights = digits(), initial_weights(NETWORK, case.rng)
    model = framework.build(NETWORK, weights)
    untrained = model.forward(data.held_out_inputs)
    expected = oracle.build(NETWORK, weights).forward(data.held_out_inputs)
    case.assert_close(untrained, expected, what="untrained outputs")
    assert accuracy(untrained, data.held_out_targets) <= 0.3, "the task is solved before training: it proves nothing"
    trainer = framework.trainer(model, Loss(kind="cross-entropy"), SGD(rate=0.1, momentum=0.9))
    losses = train(trainer, batches(data.inputs, data.targets, 50, passes=6))
    reached = accuracy(trainer.model.forward(data.held_out_inputs), data.held_out_targets)
    case.figure("accuracy", reached, "1")
    case.figure("first loss", losses[0], "nat")
    case.figure("last loss", losses[-1], "nat")
    assert reached >= 0.9, f"{reached:.3f} of the held-out digits are right, at least 0.90 is asked"
