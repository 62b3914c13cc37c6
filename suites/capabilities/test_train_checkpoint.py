"""train.checkpoint: what was saved comes back, optimizer and all."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Activation, Adam, BatchNorm, Dense, Loss, Network
from fwconformance.suitekit import compare_weights, ids, own_running_variance, spread, weights_for

CROSS_ENTROPY = Loss(kind="cross-entropy")


def normalised(running_variance):
    """With state that is kept but not trained."""
    layers = (Dense(units=5), BatchNorm(running_variance=running_variance), Activation(kind="tanh"), Dense(units=3))
    return Network(layers=layers, input_shape=(4,))


PLAIN = Network(layers=(Dense(units=5), Activation(kind="tanh"), Dense(units=3)), input_shape=(4,))


def adam(framework):
    """Moments decay slowly, so that losing them or the step count shows for many steps."""
    return Adam(rate=0.05, beta1=0.9, beta2=0.99, epsilon=1e-4, epsilon_placement=framework.adam_placement())


def steps_of(rng, count):
    return [(spread(rng, 8, 4), ids(rng, 3, 8)) for _ in range(count)]


def take(trainer, steps):
    for inputs, targets in steps:
        trainer.step(inputs, targets)


def distance(one, other):
    return max(float(np.abs(one[name] - other[name]).max()) for name in one)


@pytest.mark.capability("train.checkpoint", "weights-round-trip")
def test_weights_round_trip(framework, oracle, case):
    """Trained weights and running statistics, loaded into a model that held others, are the same bit for bit."""
    network, inputs = normalised(own_running_variance(framework)), spread(case.rng, 6, 4)
    weights = weights_for(network, case.rng)
    case.assert_close(
        framework.build(network, weights).forward(inputs),
        oracle.build(network, weights).forward(inputs),
        what="outputs before training",
    )
    first = framework.trainer(framework.build(network, weights), CROSS_ENTROPY, adam(framework))
    take(first, steps_of(case.rng, 2))
    saved, outputs = first.model.weights(), first.model.forward(inputs)
    folder = case.tmp_path / "round-trip"
    folder.mkdir()
    first.save(str(folder))

    second = framework.trainer(framework.build(network, weights_for(network, case.rng)), CROSS_ENTROPY, adam(framework))
    assert distance(second.model.weights(), saved) > 0.01, "the second model already holds the weights to be loaded"
    second.load(str(folder))
    loaded = second.model.weights()
    compare_weights(case, loaded, saved, what="loaded weights")
    for name in saved:
        assert (loaded[name] == saved[name]).all(), f"{name} came back changed by {distance(loaded, saved):.2g}"
    case.assert_close(second.model.forward(inputs), outputs, what="outputs after loading")
    assert distance(first.model.weights(), saved) == 0, "saving changed the model that was saved"


@pytest.mark.capability("train.checkpoint", "resume-equals-uninterrupted")
def test_resume(framework, case):
    """Three steps, save, load elsewhere, three more give the weights of six; a fresh optimizer gives others."""
    weights, steps = weights_for(PLAIN, case.rng), steps_of(case.rng, 6)

    def fresh(start):
        return framework.trainer(framework.build(PLAIN, start), CROSS_ENTROPY, adam(framework))

    uninterrupted = fresh(weights)
    take(uninterrupted, steps)
    goal = uninterrupted.model.weights()

    interrupted = fresh(weights)
    take(interrupted, steps[:3])
    folder = case.tmp_path / "resume"
    folder.mkdir()
    interrupted.save(str(folder))

    # What a checkpoint without optimizer state would give; far enough from the goal to be told apart.
    forgetful = fresh(interrupted.model.weights())
    take(forgetful, steps[3:])
    apart = distance(forgetful.model.weights(), goal)
    assert apart > 0.01, f"an optimizer without its state ends {apart:.2g} from the goal: this test could not tell"

    resumed = fresh(weights_for(PLAIN, case.rng))
    take(resumed, steps_of(case.rng, 2))  # its own moments and step count must give way to the loaded ones
    resumed.load(str(folder))
    take(resumed, steps[3:])
    compare_weights(case, resumed.model.weights(), goal, what="weights after resuming")
