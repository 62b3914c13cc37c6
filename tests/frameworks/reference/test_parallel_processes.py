"""Several processes of the reference."""

from __future__ import annotations

import json
import shutil
import threading
import time

import numpy as np
import pytest

from fwconformance.frameworks import Seam, create
from fwconformance.frameworks._remote import Worker, WorkerFailed
from fwconformance.frameworks.reference import _parallel_processes
from fwconformance.frameworks.reference._parallel_processes import VARIABLE, MultiProcess, PeerLost, meeting
from fwconformance.suitekit import DENSE, training_for


@pytest.fixture
def training():
    return training_for(DENSE, np.random.default_rng(6), rows=6, steps=2)


@pytest.fixture
def together():
    """Run one function of (peers) a rank, each in a thread, and return what they returned or raised, by rank."""

    def run(*functions):
        programs = MultiProcess().programs(Worker(folder="/nowhere"), len(functions))
        told = {}

        def work(rank):
            try:
                with meeting(json.loads(programs[rank].environment[VARIABLE])) as peers:
                    told[rank] = functions[rank](peers)
            except PeerLost as error:
                told[rank] = error

        threads = [threading.Thread(target=work, args=(rank,)) for rank in range(len(functions))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return told

    return run


def test_what_all_say_is_gathered_by_rank(together):
    told = together(*[lambda peers: (peers.rank, peers.world, peers.gather(10 * peers.rank))] * 3)
    assert told == {rank: (rank, 3, [0, 10, 20]) for rank in range(3)}


def test_the_first_combines_and_all_hear_it(together):
    told = together(*[lambda peers: peers.exchange(peers.rank + 1, sum)] * 3)
    assert told == {0: 6, 1: 6, 2: 6}


def test_a_peer_that_left_is_lost_at_once(together):
    begun = time.monotonic()
    told = together(lambda peers: peers.gather(0), lambda _: None)
    assert isinstance(told[0], PeerLost)
    assert str(told[0]).startswith("connection to rank 1 of 2 lost: ")
    assert time.monotonic() - begun < 20


def test_the_loss_of_the_first_is_told_too(together):
    told = together(lambda _: None, lambda peers: peers.gather(0))
    assert str(told[1]).startswith("connection to rank 0 of 2 lost: ")


def test_a_peer_that_says_nothing_is_given_up(together, monkeypatch):
    monkeypatch.setattr(_parallel_processes, "PATIENCE", 0.3)
    told = together(lambda peers: peers.gather(0), lambda _: time.sleep(3))
    assert str(told[0]) == "connection to rank 1 of 2: nothing came for 0.3 s"


def test_a_first_that_never_comes_is_given_up(monkeypatch):
    monkeypatch.setattr(_parallel_processes, "MEETING", 0.2)
    told = json.loads(MultiProcess().programs(Worker(folder="/nowhere"), 2)[1].environment[VARIABLE])
    with pytest.raises(PeerLost, match="connection to rank 0 refused"), meeting(told):
        raise AssertionError("there was nobody to meet")


def test_each_worker_is_told_its_rank_and_one_place_with_a_key():
    programs = MultiProcess().programs(Worker(folder="/nowhere"), 3)
    told = [json.loads(program.environment[VARIABLE]) for program in programs]
    assert [each.pop("rank") for each in told] == [0, 1, 2]
    assert told[0] == told[1] == told[2]
    assert len(told[0]["key"]) == 32


def test_a_stranger_without_the_key_is_refused():
    """Whatever else runs on the machine cannot hand in gradients."""
    from multiprocessing import AuthenticationError
    from multiprocessing.connection import Client

    told = json.loads(MultiProcess().programs(Worker(folder="/nowhere"), 2)[0].environment[VARIABLE])
    caught = []

    def serve():
        try:
            with meeting(told):
                caught.append("met")
        except AuthenticationError as error:
            caught.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    with pytest.raises((AuthenticationError, EOFError, OSError)):
        stranger(Client, told["port"])
    thread.join(30)
    assert [type(each) for each in caught] == [AuthenticationError]


def stranger(client, port):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            return client(("127.0.0.1", port), authkey=b"guess")
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise AssertionError("nobody listened")


@pytest.mark.parametrize("piece", ["multi-process", "multi-process-fit", "sharded-data-parallel"])
def test_three_processes_end_where_one_does(training, piece):
    seam = Seam(create("reference"))
    answers = seam.elsewhere(piece, "train", training, 3, devices=3)
    trainer = seam.trainer(seam.build(training.network, training.weights), training.loss, training.optimizer)
    for inputs, targets in training.batches:
        trainer.step(inputs, targets)
    for (replica,) in answers:
        for name, value in trainer.model.weights().items():
            np.testing.assert_allclose(replica["weights"][name], value, rtol=1e-12, atol=1e-14)


def test_shards_are_a_part_each(training):
    answers = Seam(create("reference")).elsewhere("sharded-data-parallel", "train", training, 2, devices=2)
    first, second = (answer[0] for answer in answers)
    for name, value in first["weights"].items():
        assert np.concatenate([first["held"][name], second["held"][name]]).tolist() == value.ravel().tolist()
        assert abs(first["held"][name].size - second["held"][name].size) <= 1


def test_a_start_goes_on_where_another_stopped(training, tmp_path):
    seam = Seam(create("reference"))
    whole = seam.elsewhere("recovery", "train", training, 2, str(tmp_path), devices=2)
    assert sorted(path.name for path in tmp_path.glob("step-*")) == ["step-0-0", "step-0-1", "step-1-0", "step-1-1"]
    shutil.rmtree(tmp_path / "checkpoint-1")
    again = seam.elsewhere("recovery", "train", training, 2, str(tmp_path), devices=2, first=1)
    for one, other in zip(whole, again):
        for name, value in one[0]["weights"].items():
            assert (other[0]["weights"][name] == value).all()


def test_a_checkpoint_that_is_not_there_is_an_error(training, tmp_path):
    with pytest.raises(WorkerFailed) as caught:
        Seam(create("reference")).elsewhere("recovery", "train", training, 2, str(tmp_path), devices=2, first=1)
    assert type(caught.value).__name__ == "FileNotFoundError"
