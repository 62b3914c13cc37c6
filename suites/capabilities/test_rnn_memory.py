"""rnn.memory: a task that only a network which remembers can do."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import LSTM, Adam, Dense, Embedding, Loss, Network
from fwconformance.suitekit import accuracy, batches, initial_weights, recall, train

SYMBOLS = 4
STEPS = 10
NETWORK = Network(
    layers=(Embedding(vocabulary=SYMBOLS, features=8), LSTM(units=16, sequences=False), Dense(units=SYMBOLS)),
    input_shape=(STEPS,),
    integer_input=True,
)


@pytest.mark.capability("rnn.memory", "learns-recall")
def test_learns_recall(framework, oracle, case):
    """The first of ten random symbols is named at the end of unseen sequences: chance is 25 %, 95 % is asked."""
    inputs, targets = recall(1600, steps=STEPS, symbols=SYMBOLS, seed=1)
    unseen, first = recall(400, steps=STEPS, symbols=SYMBOLS, seed=2)
    weights = initial_weights(NETWORK, case.rng)
    model = framework.build(NETWORK, weights)
    untrained = model.forward(unseen)
    case.assert_close(untrained, oracle.build(NETWORK, weights).forward(unseen), what="untrained outputs")
    assert accuracy(untrained, first) <= 0.4, "the task is solved before training: it proves nothing"
    trainer = framework.trainer(
        model, Loss(kind="cross-entropy"), Adam(rate=0.02, epsilon_placement=framework.adam_placement())
    )
    train(trainer, batches(inputs, targets, 40, passes=6))
    reached = accuracy(trainer.model.forward(unseen), first)
    case.figure("accuracy", reached, "1")
    assert reached >= 0.95, f"{reached:.3f} of the held-out sequences are recalled, at least 0.95 is asked"
