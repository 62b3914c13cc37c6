"""Readings of what is waited for beside the work, on the reference."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import SGD, Dense, Loss, Network, Seam, Training, create

NETWORK = Network(layers=(Dense(units=3),), input_shape=(4,))


@pytest.fixture
def seam():
    return Seam(create("reference"))


@pytest.fixture
def weights(rng):
    return {"0.kernel": rng.normal(size=(4, 3)), "0.bias": rng.normal(size=3)}


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def work(rng, weights):
    batch = rng.normal(size=(5, 4)), rng.integers(0, 3, size=5)
    return Training(
        network=NETWORK,
        weights=weights,
        loss=Loss(kind="cross-entropy"),
        optimizer=SGD(rate=0.1),
        batches=(batch,),
    )


@pytest.mark.parametrize("mode", ["default", "best"])
def test_steps_are_timed_one_by_one_and_leave_what_training_leaves(seam, work, mode):
    found = seam.piece("costs").first_steps(work, mode, 4)
    trainer = seam.trainer(seam.build(NETWORK, work.weights), work.loss, work.optimizer)
    for _ in range(4):
        loss = trainer.step(*work.batches[0])
    assert found["loss"] == loss
    assert all(np.array_equal(found["weights"][name], value) for name, value in trainer.model.weights().items())
    assert found["later"].shape == (3,)
    assert min(found["build"], found["first"], *found["later"]) > 0


def test_first_outputs_are_the_models(seam, rng, weights):
    inputs = rng.normal(size=(2, 4))
    found = seam.piece("costs").first_outputs(NETWORK, weights, inputs)
    assert np.array_equal(found["outputs"], seam.build(NETWORK, weights).forward(inputs))
    assert np.array_equal(found["weights"]["0.bias"], weights["0.bias"])


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_pass_over_data_is_timed_as_often_as_asked_and_then_shown(seam, rng, tmp_path, shuffle):
    inputs, targets = np.arange(12.0)[:, None], np.arange(12)
    found = seam.piece("costs").load_data(str(tmp_path), inputs, targets, 4, 3, shuffle=shuffle, seed=1)
    assert found["seconds"].shape == (3,)
    seen = np.concatenate([x[:, 0] for x, _ in found["batches"]])
    assert np.array_equal(seen, np.concatenate([wanted for _, wanted in found["batches"]]))
    assert sorted(seen) == list(range(12))
    assert (seen == np.arange(12)).all() == (not shuffle)


def test_a_model_is_read_from_its_file(seam, rng, weights, tmp_path):
    piece, inputs = seam.piece("costs"), rng.normal(size=(2, 4))
    described = piece.save(seam.build(NETWORK, weights), inputs, str(tmp_path))
    found = piece.load_model(str(tmp_path), described, NETWORK, inputs)
    assert np.array_equal(found["outputs"], seam.build(NETWORK, weights).forward(inputs))
    assert found["seconds"] > 0


def test_a_process_of_its_own_says_what_it_cost(seam, weights, rng):
    with seam.start("costs", "first_outputs", NETWORK, weights, rng.normal(size=(2, 4))) as remote:
        assert remote.costs == []
        remote.results()
    (costs,) = remote.costs
    assert costs["start_seconds"] > 0
    assert 2**20 < costs["start_bytes"] <= costs["peak_bytes"]
