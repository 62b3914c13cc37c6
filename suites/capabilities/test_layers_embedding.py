"""layers.embedding against the oracle."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Dense, Embedding, Loss, Network
from fwconformance.suitekit import check_forward, compare_gradients, spread, weights_for

ALONE = Network(layers=(Embedding(vocabulary=7, features=4),), input_shape=(5,), integer_input=True)
HEADED = Network(layers=(Embedding(vocabulary=7, features=4), Dense(units=3)), input_shape=(5,), integer_input=True)
# First and last row, repeats within and across sequences; ids 2 and 5 never occur.
IDS = np.array([[0, 6, 6, 3, 0], [1, 3, 6, 4, 1]], dtype=np.int64)
UNUSED = (2, 5)


@pytest.mark.capability("layers.embedding", "forward")
def test_forward(framework, oracle, case):
    """Each id gives its row."""
    weights = weights_for(ALONE, case.rng)
    check_forward(case, framework, oracle, ALONE, weights, IDS)
    outputs = framework.build(ALONE, weights).forward(IDS)
    assert (outputs == weights["0.table"][IDS]).all(), "a looked-up row is not the table's, bit for bit"


@pytest.mark.capability("layers.embedding", "gradients")
def test_gradients(framework, oracle, case):
    """Repeated ids add up in the table's gradient; rows that were not looked up get exact zeros."""
    weights, targets, loss = weights_for(HEADED, case.rng), spread(case.rng, 2, 5, 3), Loss(kind="mse")
    actual = framework.build(HEADED, weights).gradients(loss, IDS, targets)
    expected = oracle.build(HEADED, weights).gradients(loss, IDS, targets)
    compare_gradients(case, HEADED, actual, expected)
    table = actual[1]["0.table"]
    assert not table[list(UNUSED)].any(), f"rows {UNUSED} were not looked up and have a gradient"
