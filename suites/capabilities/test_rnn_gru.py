"""rnn.gru against the oracle, in the framework's own reset convention and in each by name."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import GRU, Dense, Loss, Network
from fwconformance.suitekit import check_forward, check_gradients, own_reset, spread, weights_for

MSE = Loss(kind="mse")


def every_step(reset):
    return Network(layers=(GRU(units=5, reset=reset),), input_shape=(9, 3))


def headed(reset):
    """Two stacked layers: every step of the first feeds the second, whose last state a dense layer reads."""
    return Network(
        layers=(GRU(units=4, reset=reset), GRU(units=3, reset=reset, sequences=False), Dense(units=2)),
        input_shape=(6, 3),
    )


def check_every_step(case, framework, oracle, reset):
    network = every_step(reset)
    check_forward(case, framework, oracle, network, weights_for(network, case.rng), spread(case.rng, 4, 9, 3))


def check_headed(case, framework, oracle, reset):
    network = headed(reset)
    weights, inputs, targets = weights_for(network, case.rng), spread(case.rng, 4, 6, 3), spread(case.rng, 4, 2)
    check_forward(case, framework, oracle, network, weights, inputs, what="outputs from the last state")
    check_gradients(case, framework, oracle, network, weights, MSE, inputs, targets)


@pytest.mark.capability("rnn.gru", "forward")
def test_forward(framework, oracle, case):
    """Every step and the last state, in the framework's own convention."""
    reset = own_reset(framework)
    check_every_step(case, framework, oracle, reset)
    network = Network(layers=(GRU(units=4, reset=reset, sequences=False),), input_shape=(6, 3))
    weights, inputs = weights_for(network, case.rng), spread(case.rng, 4, 6, 3)
    check_forward(case, framework, oracle, network, weights, inputs, what="last state")


@pytest.mark.capability("rnn.gru", "gradients")
def test_gradients(framework, oracle, case):
    """Loss and gradients by every weight and the inputs, in the framework's own convention."""
    check_headed(case, framework, oracle, own_reset(framework))


@pytest.mark.capability("rnn.gru", "reset-after")
def test_reset_after(framework, oracle, case):
    """The reset gate multiplies the recurrent product, bias and all."""
    check_every_step(case, framework, oracle, "after")
    check_headed(case, framework, oracle, "after")


@pytest.mark.capability("rnn.gru", "reset-before")
def test_reset_before(framework, oracle, case):
    """The reset gate multiplies the state before the recurrent product."""
    check_every_step(case, framework, oracle, "before")
    check_headed(case, framework, oracle, "before")
