"""train.command-line: a network in files, trained, tested and timed by the framework's own program."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.evidence import Level
from fwconformance.frameworks import SGD, Activation, Dense, Flatten, Loss, Network, Training
from fwconformance.suitekit import compare_weights, largest_move, scalar, spread, weights_for

NETWORK = Network(layers=(Flatten(), Dense(units=5), Activation(kind="tanh"), Dense(units=3)), input_shape=(1, 2, 2))
RECORDS, BATCH, STEPS = 12, 4, 5


def work(case, name):
    """(folder, what is trained, records, labels)."""
    training = Training(
        network=NETWORK,
        weights=weights_for(NETWORK, case.rng),
        loss=Loss(kind="cross-entropy"),
        optimizer=SGD(rate=0.1, momentum=0.9),
        batches=(),
    )
    folder = case.tmp_path / name
    folder.mkdir()
    return str(folder), training, spread(case.rng, RECORDS, 1, 2, 2), np.arange(RECORDS) % 3


def batches(inputs, labels, count):
    starts = [number * BATCH % RECORDS for number in range(count)]
    return [(inputs[start : start + BATCH], labels[start : start + BATCH]) for start in starts]


@pytest.mark.capability("train.command-line", "trains")
def test_trains(framework, oracle, case):
    """The weights that the program leaves in a file are the oracle's."""
    folder, training, inputs, labels = work(case, "train")
    after = framework.piece("command-line").train(folder, training, inputs, labels, batch=BATCH, steps=STEPS)
    trainer = oracle.trainer(oracle.build(NETWORK, training.weights), training.loss, training.optimizer)
    for batch in batches(inputs, labels, STEPS):
        trainer.step(*batch)
    compare_weights(case, after, trainer.model.weights(), what="weights after five steps")
    assert min(largest_move(training.weights, after).values()) > 1e-2, "training left weights as they were"


@pytest.mark.capability("train.command-line", "tests")
def test_tests(framework, oracle, case):
    """The loss that the program prints for a pass is the oracle's."""
    folder, training, inputs, labels = work(case, "test")
    found = framework.piece("command-line").test(folder, training, inputs, labels, batch=BATCH)
    model = oracle.build(NETWORK, training.weights)
    losses = [model.gradients(training.loss, *batch)[0] for batch in batches(inputs, labels, RECORDS // BATCH)]
    case.assert_close(scalar(found), np.mean(losses), what="loss")


@pytest.mark.capability("train.command-line", "times")
def test_times(framework, case):
    """The program prints how long forward and backward take."""
    folder, training, inputs, labels = work(case, "time")
    found = float(np.asarray(framework.piece("command-line").time(folder, training, inputs, labels, batch=BATCH)))
    assert 0 < found < 60000, f"forward and backward of a batch of {BATCH} are said to take {found} ms"
    case.figure("forward and backward", found, "ms")
    case.level(Level.HARDWARE)
