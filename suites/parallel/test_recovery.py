"""parallel.recovery: one of two workers is killed in the middle of a training.

They share one machine, whatever it has: evidence is simulated.
"""

from __future__ import annotations

import attrs
import pytest

from fwconformance.suitekit import (
    APART,
    DENSE,
    LOST_BEFORE,
    alive,
    compare_weights,
    distance,
    go_on,
    lose,
    notice,
    paused,
    trained,
    training_for,
    weights_for,
)


def place(case, name):
    folder = case.tmp_path / name
    folder.mkdir()
    return folder


def compare_replicas(case, answers, goal, what):
    replicas = [replica for answer in answers for replica in answer]
    assert len(replicas) == 2, f"two workers were asked for, replicas came of {len(replicas)}"
    for number, replica in enumerate(replicas):
        compare_weights(case, replica["weights"], goal, what=f"{what}, replica {number}")


@pytest.mark.capability("parallel.recovery", "detected")
def test_detected(framework, oracle, case):
    """With nobody lost the training ends well; with one lost all others end in bounded time, and say why."""
    case.level("simulated")
    training = training_for(DENSE, case.rng, steps=4)
    whole = framework.elsewhere("recovery", "train", training, 2, str(place(case, "whole")), devices=2)
    compare_replicas(case, whole, trained(oracle, training), "weights with nobody lost")

    folder = place(case, "interrupted")
    with paused(framework, training, folder) as remote:
        lost = lose(remote, folder)
        go_on(folder)
        noticed = notice(remote, lost)
    case.figure("detection", noticed.seconds, "s")
    left = alive(lost.workers)
    assert not left, f"workers {left} run still"


@pytest.mark.capability("parallel.recovery", "resumes")
def test_resumes(framework, oracle, case):
    """A fresh start from the lost training's checkpoint ends with the weights of one that was never interrupted."""
    case.level("simulated")
    training = training_for(DENSE, case.rng, steps=4)
    goal = trained(oracle, training)
    first, second = training.batches[:LOST_BEFORE], training.batches[LOST_BEFORE:]

    # What a checkpoint without the optimizer's state would give; far enough from the goal to be told apart.
    halfway = trained(oracle, training, after=LOST_BEFORE)
    forgetful = trained(oracle, attrs.evolve(training, weights=halfway, batches=second))
    apart = distance(case, forgetful, goal)
    assert apart >= APART, f"an optimizer without its state ends {apart:.1f} tolerances away: this could not tell"

    folder = place(case, "interrupted")
    with paused(framework, training, folder) as remote:
        lose(remote, folder)

    # What is known from the checkpoint alone is given wrongly: weights to start from, and the steps before it.
    astray = training_for(DENSE, case.rng, steps=len(first)).batches
    other = attrs.evolve(training, weights=weights_for(DENSE, case.rng), batches=astray + second)
    answers = framework.elsewhere("recovery", "train", other, 2, str(folder), devices=2, first=LOST_BEFORE)
    compare_replicas(case, answers, goal, "weights after resuming")
