"""losses.*: value and gradient against the oracle, behind a dense layer, so that weights get gradients too."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Dense, Loss, Network
from fwconformance.suitekit import check_gradients, ids, spread, weights_for

VECTORS = Network(layers=(Dense(units=5),), input_shape=(3,))
SEQUENCES = Network(layers=(Dense(units=4),), input_shape=(6, 3))
# A kernel without bias that is the identity hands the inputs on as logits, exactly.
BARE = Network(layers=(Dense(units=4, bias=False),), input_shape=(4,))
IDENTITY = {"0.kernel": np.eye(4, dtype=np.float32)}


def check_regression(case, framework, oracle, kind):
    """Differences from the targets lie away from 0 and from 1, where absolute error and Huber loss have their kinks."""
    for network, what in ((VECTORS, "vectors"), (SEQUENCES, "sequences")):
        weights = weights_for(network, case.rng)
        inputs = spread(case.rng, 6, *network.input_shape)
        outputs = oracle.build(network, weights).forward(inputs)
        apart = np.where(case.rng.random(outputs.shape) < 0.5, 0.55, 2.1)
        targets = (outputs + apart * spread(case.rng, *outputs.shape, low=0.7)).astype(np.float32)
        check_gradients(case, framework, oracle, network, weights, Loss(kind=kind), inputs, targets, what=what)


@pytest.mark.capability("losses.regression", "mse")
def test_mse(framework, oracle, case):
    """Mean squared error, over batch, steps and outputs."""
    check_regression(case, framework, oracle, "mse")


@pytest.mark.capability("losses.regression", "mae")
def test_mae(framework, oracle, case):
    """Mean absolute error."""
    check_regression(case, framework, oracle, "mae")


@pytest.mark.capability("losses.regression", "huber")
def test_huber(framework, oracle, case):
    """Huber loss with delta 1, both its quadratic and its linear part."""
    check_regression(case, framework, oracle, "huber")


@pytest.mark.capability("losses.classification", "cross-entropy")
def test_cross_entropy(framework, oracle, case):
    """Cross-entropy from logits, one class for each row, and one for each step."""
    loss = Loss(kind="cross-entropy")
    for network, classes, shape in ((VECTORS, 5, (6,)), (SEQUENCES, 4, (3, 6))):
        weights = weights_for(network, case.rng)
        inputs = spread(case.rng, shape[0], *network.input_shape)
        targets = ids(case.rng, classes, *shape)
        what = "a class for each step" if len(shape) == 2 else "a class for each row"
        check_gradients(case, framework, oracle, network, weights, loss, inputs, targets, what=what)


@pytest.mark.capability("losses.classification", "binary-cross-entropy")
def test_binary_cross_entropy(framework, oracle, case):
    """Binary cross-entropy from logits, with soft and with hard targets."""
    weights, inputs = weights_for(VECTORS, case.rng), spread(case.rng, 6, 3)
    targets = case.rng.uniform(0.05, 0.95, size=(6, 5)).astype(np.float32)
    targets[:2] = np.round(targets[:2])
    check_gradients(case, framework, oracle, VECTORS, weights, Loss(kind="binary-cross-entropy"), inputs, targets)


@pytest.mark.capability("losses.classification", "extreme-logits")
def test_extreme_logits(framework, oracle, case):
    """Logits of 1,000, right and wrong, give the finite loss and gradient that exp() alone cannot."""
    logits = np.array(
        [[1000, -1000, 3, -2], [-1000, 1000, 2, 1], [90, 88, -90, 85], [-104, -103, -105, -101]], dtype=np.float32
    )
    classes = np.array([1, 1, 0, 2], dtype=np.int64)
    cross_entropy, binary = Loss(kind="cross-entropy"), Loss(kind="binary-cross-entropy")
    check_gradients(case, framework, oracle, BARE, IDENTITY, cross_entropy, logits, classes, what="cross-entropy")
    targets = np.array([[0, 1, 1, 0], [0.5, 0.5, 0, 1], [1, 0, 1, 0.25], [0, 1, 0, 1]], dtype=np.float32)
    check_gradients(case, framework, oracle, BARE, IDENTITY, binary, logits, targets, what="binary cross-entropy")
