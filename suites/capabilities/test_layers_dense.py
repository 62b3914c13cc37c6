"""layers.dense against the oracle."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Activation, Dense, Loss, Network
from fwconformance.suitekit import check_both, check_forward, check_gradients, given, spread, st, weights_for

STACKED = Network(
    layers=(Dense(units=5), Activation(kind="tanh"), Dense(units=3, bias=False)),
    input_shape=(4,),
)
OVER_LAST_AXIS = Network(layers=(Dense(units=2),), input_shape=(5, 3))


@pytest.mark.capability("layers.dense", "forward")
def test_forward(framework, oracle, case):
    """Stacked layers on vectors, and one layer over the last axis of a sequence, give the oracle's outputs."""
    check_forward(case, framework, oracle, STACKED, weights_for(STACKED, case.rng), spread(case.rng, 6, 4))
    check_forward(
        case,
        framework,
        oracle,
        OVER_LAST_AXIS,
        weights_for(OVER_LAST_AXIS, case.rng),
        spread(case.rng, 2, 5, 3),
        what="outputs over the last axis",
    )


@pytest.mark.capability("layers.dense", "gradients")
def test_gradients(framework, oracle, case):
    """Loss and gradients by kernels, bias and inputs are the oracle's."""
    weights, inputs, targets = weights_for(STACKED, case.rng), spread(case.rng, 6, 4), spread(case.rng, 6, 3)
    check_gradients(case, framework, oracle, STACKED, weights, Loss(kind="mse"), inputs, targets)


@pytest.mark.capability("layers.dense", "shapes")
# Few values for each size: a framework that compiles for a shape pays for every new one.
@given(batch=st.sampled_from([1, 3]), width=st.sampled_from([1, 4]), units=st.sampled_from([1, 3]), bias=st.booleans())
def test_shapes(framework, oracle, case, batch, width, units, bias):
    """Any batch, width and number of units, one among them, gives the oracle's outputs and gradients."""
    network = Network(layers=(Dense(units=units, bias=bias),), input_shape=(width,))
    rng = np.random.default_rng([batch, width, units, bias])
    check_both(case, framework, oracle, network, weights_for(network, rng), spread(rng, batch, width), rng)
