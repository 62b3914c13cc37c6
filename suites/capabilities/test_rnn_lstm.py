"""rnn.lstm against the oracle."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import LSTM, Dense, Loss, Network
from fwconformance.suitekit import check_forward, check_gradients, given, spread, st, weights_for

EVERY_STEP = Network(layers=(LSTM(units=5),), input_shape=(9, 3))
HEADED = Network(layers=(LSTM(units=4), Dense(units=2)), input_shape=(6, 3))
STACKED = Network(layers=(LSTM(units=4), LSTM(units=3, sequences=False)), input_shape=(6, 2))


@pytest.mark.capability("rnn.lstm", "forward")
def test_forward(framework, oracle, case):
    """The output at every step is the oracle's."""
    check_forward(case, framework, oracle, EVERY_STEP, weights_for(EVERY_STEP, case.rng), spread(case.rng, 4, 9, 3))


@pytest.mark.capability("rnn.lstm", "gradients")
def test_gradients(framework, oracle, case):
    """Loss and gradients by kernel, recurrent kernel, bias, head and inputs are the oracle's."""
    weights, inputs, targets = weights_for(HEADED, case.rng), spread(case.rng, 4, 6, 3), spread(case.rng, 4, 6, 2)
    check_gradients(case, framework, oracle, HEADED, weights, Loss(kind="mse"), inputs, targets)


@pytest.mark.capability("rnn.lstm", "last-state")
def test_last_state(framework, oracle, case):
    """Two stacked layers give the last step's state alone, with its gradients."""
    weights, inputs, targets = weights_for(STACKED, case.rng), spread(case.rng, 4, 6, 2), spread(case.rng, 4, 3)
    check_forward(case, framework, oracle, STACKED, weights, inputs, what="last state")
    check_gradients(case, framework, oracle, STACKED, weights, Loss(kind="mse"), inputs, targets)


@pytest.mark.capability("rnn.lstm", "shapes")
# Few values for each size: a framework that compiles for a shape pays for every new one.
@given(
    batch=st.sampled_from([1, 3]),
    steps=st.sampled_from([1, 4]),
    features=st.sampled_from([1, 3]),
    units=st.sampled_from([1, 4]),
)
def test_shapes(framework, oracle, case, batch, steps, features, units):
    """Any batch, length, width and number of units, one among them, gives the oracle's outputs."""
    network = Network(layers=(LSTM(units=units),), input_shape=(steps, features))
    rng = np.random.default_rng([batch, steps, features, units])
    check_forward(case, framework, oracle, network, weights_for(network, rng), spread(rng, batch, steps, features))
