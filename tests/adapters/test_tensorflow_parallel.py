"""The pieces of TensorFlow that use several devices, and what in tf.distribute they rest on."""

from __future__ import annotations

import json

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed: tox runs these tests in tensorflow-cpu")

from fwconformance.frameworks import PIECES, Adam, NotAdapted, Seam, Unsupported  # noqa: E402
from fwconformance.frameworks._pieces_parallel import PARALLEL_PIECES  # noqa: E402
from fwconformance.frameworks._protocol import Unavailable  # noqa: E402
from fwconformance.frameworks._remote import Worker  # noqa: E402
from fwconformance.frameworks.tensorflow import create  # noqa: E402

ONE_PROCESS = ("data-parallel", "model-parallel", "throughput")
PROCESSES = ("multi-process", "recovery", "sharded-data-parallel")
WORKER = Worker(folder="/nowhere")


@pytest.mark.parametrize("name", sorted(set(PARALLEL_PIECES) - {"multi-process-fit"}))
def test_each_piece_has_the_methods_of_its_protocol(name):
    piece = create().piece(name)
    assert {method for method in vars(PIECES[name]) if not method.startswith("_")} <= set(dir(piece))


def test_high_level_training_is_refused_as_keras_by_a_probe():
    with pytest.raises(Unsupported, match=r"^through Keras: tf has none of") as refused:
        create().piece("multi-process-fit")
    assert refused.value.probe is not None


@pytest.mark.parametrize("name", ONE_PROCESS)
def test_one_process_drives_all_devices(name):
    piece = create().piece(name)
    assert len(piece.programs(WORKER, 4)) == piece.workers(4) == 1


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_a_device_with_addresses_of_their_own(name):
    piece = create().piece(name)
    programs = piece.programs(WORKER, 3)
    assert len(programs) == piece.workers(3) == 3
    assert len({str(program.environment) for program in programs}) == 3


def test_every_worker_is_told_the_same_cluster_and_its_own_number():
    told = [json.loads(each.environment["TF_CONFIG"]) for each in create().piece("multi-process").programs(WORKER, 2)]
    assert told[0]["cluster"] == told[1]["cluster"]
    assert len(set(told[0]["cluster"]["worker"])) == 2
    assert [each["task"]["index"] for each in told] == [0, 1]


def test_two_cards_that_are_not_here_are_unavailable():
    if len(tf.config.list_physical_devices("GPU")) > 1:
        pytest.skip("there are two cards here")
    from fwconformance.frameworks._tfdistribute import OneProcess

    with pytest.raises(Unavailable, match="2 cuda devices are needed"):
        OneProcess(tf, "cuda").programs(WORKER, 2)


def test_two_devices_train_as_one_would(one_step):
    """Each row's gradient by its own device: after the step the kernel is 1 - 0.5 * (x.T @ y) * 2 / 4 by hand."""
    seam = Seam(create())
    ((first, second),) = seam.elsewhere("data-parallel", "train", one_step(), 2, devices=2)
    assert seam.observed == {"cpu", "cpu:1"}
    for replica in (first, second):
        np.testing.assert_allclose(replica["weights"]["0.kernel"], [[0.75, 0.75], [0.0, 0.0]], atol=1e-6)
        np.testing.assert_allclose(replica["weights"]["0.bias"], [-0.75, -0.75], atol=1e-6)
    np.testing.assert_array_equal(np.concatenate([first["inputs"][0], second["inputs"][0]]), [[1, 0], [0, 2]])
    np.testing.assert_allclose(second["outputs"][0], [[2, 2]])


def test_model_parallel_splits_what_each_device_holds(one_step):
    seam = Seam(create())
    (answer,) = seam.elsewhere("model-parallel", "train", one_step(), 2, devices=2)
    np.testing.assert_allclose(answer["weights"]["0.kernel"], [[0.75, 0.75], [0.0, 0.0]], atol=1e-6)
    assert [own["0.kernel"].shape for own in answer["held"]] == [(2, 1), (2, 1)]


def test_model_parallel_says_what_it_does_not_write_out(one_step):
    with pytest.raises(NotAdapted, match="Adam"):
        create().piece("model-parallel").train(one_step(optimizer=Adam(rate=0.1)), 2)


def test_batches_that_cannot_be_dealt_evenly_are_an_error(one_step):
    odd = ((np.ones((3, 2)), np.ones((3, 2))),)
    with pytest.raises(Exception, match="not dealt evenly to 2 devices"):
        Seam(create()).elsewhere("data-parallel", "train", one_step(batches=odd), 2, devices=2)
