"""rnn.bidirectional against the oracle; each direction has weights of its own."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import GRU, LSTM, Dense, Loss, Network
from fwconformance.suitekit import check_forward, check_gradients, own_reset, spread, weights_for

MSE = Loss(kind="mse")


def every_step(layer):
    return Network(layers=(layer, Dense(units=2)), input_shape=(6, 3))


@pytest.mark.capability("rnn.bidirectional", "lstm")
def test_lstm(framework, oracle, case):
    """Every step, forward and backward side by side; and the last state of each direction."""
    for sequences, what in ((True, "every step"), (False, "last states")):
        network = Network(layers=(LSTM(units=4, bidirectional=True, sequences=sequences),), input_shape=(6, 3))
        weights, inputs = weights_for(network, case.rng), spread(case.rng, 4, 6, 3)
        check_forward(case, framework, oracle, network, weights, inputs, what=what)


@pytest.mark.capability("rnn.bidirectional", "gradients")
def test_gradients(framework, oracle, case):
    """Loss and gradients by both directions' weights, the head's, and the inputs, at every step and at the end."""
    for sequences, what in ((True, "every step"), (False, "last states")):
        network = every_step(LSTM(units=4, bidirectional=True, sequences=sequences))
        weights, inputs = weights_for(network, case.rng), spread(case.rng, 4, 6, 3)
        targets = spread(case.rng, 4, 6, 2) if sequences else spread(case.rng, 4, 2)
        check_gradients(case, framework, oracle, network, weights, MSE, inputs, targets, what=what)


@pytest.mark.capability("rnn.bidirectional", "gru")
def test_gru(framework, oracle, case):
    """The same for a GRU in the framework's own convention."""
    network = every_step(GRU(units=4, reset=own_reset(framework), bidirectional=True))
    weights, inputs, targets = weights_for(network, case.rng), spread(case.rng, 4, 6, 3), spread(case.rng, 4, 6, 2)
    check_forward(case, framework, oracle, network, weights, inputs)
    check_gradients(case, framework, oracle, network, weights, MSE, inputs, targets)
