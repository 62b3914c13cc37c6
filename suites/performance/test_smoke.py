"""speed.smoke: forward pass and training step of a small network, timed after their results were checked.

A call is timed to the arrival of its result in host memory: the seam converts it, which waits for the device.
"""

from __future__ import annotations

import pytest

from fwconformance.frameworks import SGD, Activation, Dense, Loss, Network, Unavailable
from fwconformance.suitekit import compare_weights, ids, initial_weights, scalar, spread

BATCH = 64
ROUNDS = {"smoke": 10, "standard": 30, "full": 100}
NETWORK = Network(layers=(Dense(units=64), Activation(kind="tanh"), Dense(units=10)), input_shape=(32,))


@pytest.fixture
def benchmark(request):
    """pytest-benchmark's own fixture, where that plugin is there and does time."""
    if not request.config.pluginmanager.hasplugin("benchmark"):
        raise Unavailable("pytest-benchmark not installed")
    instrument = request.getfixturevalue("benchmark")
    if instrument.disabled:
        raise Unavailable("not timed: pytest-benchmark is disabled (--benchmark-disable, or running under xdist)")
    return instrument


def time_call(case, benchmark, call):
    """Time `call`, warmed up already, and report the median of the rounds."""
    benchmark.pedantic(call, rounds=ROUNDS[str(case.profile)], iterations=1, warmup_rounds=2)
    stats = benchmark.stats.stats
    case.figure("median", stats.median, "s")
    case.figure("rounds", stats.rounds, "1")
    case.figure("throughput", BATCH / stats.median, "examples/s")


@pytest.mark.capability("speed.smoke", "forward")
def test_forward(framework, oracle, case, benchmark):
    """The forward pass of a batch of 64."""
    weights, inputs = initial_weights(NETWORK, case.rng), spread(case.rng, BATCH, 32)
    model = framework.build(NETWORK, weights)
    expected = oracle.build(NETWORK, weights).forward(inputs)
    case.assert_close(model.forward(inputs), expected, what="outputs before timing")
    time_call(case, benchmark, lambda: model.forward(inputs))
    case.assert_close(model.forward(inputs), expected, what="outputs after timing")


@pytest.mark.capability("speed.smoke", "train-step")
def test_train_step(framework, oracle, case, benchmark):
    """A training step of SGD on a batch of 64."""
    weights, inputs, targets = initial_weights(NETWORK, case.rng), spread(case.rng, BATCH, 32), ids(case.rng, 10, BATCH)
    trainer, expected = (
        seam.trainer(seam.build(NETWORK, weights), Loss(kind="cross-entropy"), SGD(rate=0.05))
        for seam in (framework, oracle)
    )
    case.assert_close(
        scalar(trainer.step(inputs, targets)), expected.step(inputs, targets), what="loss before the first step"
    )
    compare_weights(case, trainer.model.weights(), expected.model.weights(), what="weights after the first step")
    time_call(case, benchmark, lambda: trainer.step(inputs, targets))
    assert scalar(trainer.step(inputs, targets)) < 0.9 * expected.step(inputs, targets), "the timed steps did not train"
