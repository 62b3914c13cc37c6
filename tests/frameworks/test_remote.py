"""Calls of a piece in other processes, on the reference."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from fwconformance.frameworks import (
    SGD,
    Dense,
    Loss,
    Network,
    NotAdapted,
    Seam,
    Training,
    Unavailable,
    Unsupported,
    _remote,
    create,
)
from fwconformance.frameworks._remote import WorkerDied, WorkerFailed
from fwconformance.processes import Hosts, Hung, NoHosts, Program


@pytest.fixture
def seam():
    return Seam(create("reference"))


def two_layer():
    rng = np.random.default_rng(7)
    weights = {"w1": rng.normal(size=(3, 4)), "b1": rng.normal(size=4), "w2": rng.normal(size=(4, 2))}
    return weights, rng.normal(size=(5, 3)), rng.normal(size=(5, 2))


def test_a_call_elsewhere_gives_what_it_gives_here(seam):
    arguments = two_layer()
    here = seam.piece("low-level").two_layer(*arguments)
    (there,) = seam.elsewhere("low-level", "two_layer", *arguments)
    assert there[0] == here[0]
    assert {name: value.tolist() for name, value in there[1].items()} == {
        name: value.tolist() for name, value in here[1].items()
    }


def test_each_of_several_workers_returns_a_result(seam):
    assert len(seam.elsewhere("low-level", "two_layer", *two_layer(), devices=2)) == 2


def test_what_a_workers_seam_saw_counts_as_seen(seam):
    seam.elsewhere("low-level", "two_layer", *two_layer())
    assert seam.seen == 4
    assert seam.observed == {"cpu"}
    assert seam.native_types == {"fwconformance.frameworks.reference._tensor.Tensor"}


def test_an_error_in_a_worker_keeps_its_name_and_message(seam):
    weights, inputs, targets = two_layer()
    with pytest.raises(Exception, match=r"mismatch|align|shape") as caught:
        seam.elsewhere("low-level", "two_layer", weights, inputs[:, :2], targets)
    assert "ValueError" in [kind.__name__ for kind in type(caught.value).__mro__]
    assert "WorkerFailed" in [kind.__name__ for kind in type(caught.value).__mro__]


def test_a_piece_that_is_not_there_is_said_before_anything_starts(seam):
    with pytest.raises(NotAdapted):
        seam.elsewhere("no-such-piece", "train")


def test_a_mutant_is_the_same_mutant_in_a_worker():
    from fwconformance.frameworks.reference._mutants import MUTANTS

    name = next(one.name for one in MUTANTS.values() if one.capability == "extend.low-level")
    arguments = two_layer()
    here = Seam(create("reference", mutant=name)).piece("low-level").two_layer(*arguments)
    sound = Seam(create("reference")).piece("low-level").two_layer(*arguments)
    (there,) = Seam(create("reference", mutant=name)).elsewhere("low-level", "two_layer", *arguments)

    def flat(result):
        return np.concatenate([np.ravel(result[0]), *(np.ravel(result[1][key]) for key in sorted(result[1]))])

    assert (flat(there) == flat(here)).all()
    assert (flat(there) != flat(sound)).any()


def test_the_folder_of_a_call_is_gone_afterwards(seam):
    with seam.start("low-level", "two_layer", *two_layer()) as remote:
        remote.results()
        folder = remote.folder
    assert not folder.exists()


def two_rows():
    """One step of a layer on two rows."""
    return Training(
        network=Network(layers=(Dense(units=2),), input_shape=(2,)),
        weights={"0.kernel": np.ones((2, 2)), "0.bias": np.zeros(2)},
        loss=Loss(kind="mse"),
        optimizer=SGD(rate=0.5),
        batches=((np.array([[1.0, 0.0], [0.0, 2.0]]), np.zeros((2, 2))),),
    )


class Scripted:
    """An adapter whose one piece starts programs that are written here."""

    name, backend, device, float_dtype = "reference", "", "cpu", "float64"

    def __init__(self, *scripts, needed=()):
        self.scripts = scripts
        self.needed = needed or (True,) * len(scripts)

    def piece(self, name):
        return self

    def workers(self, devices):
        return sum(self.needed)

    def programs(self, worker, devices):
        prelude = (
            "import sys, json, pathlib, time; folder = pathlib.Path(sys.argv[1])\n"
            "sys.path[:] = json.loads((folder / 'place.json').read_text())['path']\n"
            "from fwconformance.frameworks import _codec, _remote\n"
            "def answer(role, value):\n"
            "    told = dict(value=value, observed=['cpu'], native_types=['T'], seen=1, costs={})\n"
            "    _codec.write(folder, f'result-{role}', told)\n"
            "def error(role, error): _codec.write(folder, f'result-{role}', _remote.describe_error(error))\n"
        )
        return [
            Program(
                name=f"worker {number}",
                command=(sys.executable, "-c", prelude + script, worker.folder),
                needed=needed,
            )
            for number, (script, needed) in enumerate(zip(self.scripts, self.needed))
        ]


LOST = "error(0, ConnectionResetError('connection closed by peer'))"


def started(*scripts, limit=30.0, **more):
    return Seam(Scripted(*scripts, **more)).start("any", "any", devices=len(scripts), limit=limit)


def test_the_error_that_came_first_is_told_before_the_losses_that_follow():
    """A worker that lost its peer says only that; the peer says why."""
    with started(LOST, "error(1, ValueError('wrong shape'))") as remote:
        with pytest.raises(WorkerFailed, match="wrong shape"):
            remote.results()
        assert remote.errors() == {0: "ConnectionResetError: connection closed by peer", 1: "ValueError: wrong shape"}


def test_a_worker_that_died_is_told_with_what_it_printed():
    killed = "print('almost', flush=True); import os; os.kill(os.getpid(), 9)"
    said = r"no result from worker 1: .*worker 1 \(SIGKILL.*\) printed: almost"
    with started("answer(0, 1)", killed) as remote, pytest.raises(WorkerDied, match=said):
        remote.results()


def test_a_worker_that_hangs_is_ended_and_told():
    with started("answer(0, 1)", "time.sleep(600)", limit=3.0) as remote:
        pid = remote.group.pid("worker 1")
        with pytest.raises(Hung, match="worker 1: no end after"):
            remote.results()
        assert remote.partial() == {0: 1}
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_error_is_told_rather_than_the_hang_of_those_that_waited():
    erring = started("error(0, ValueError('wrong shape'))", "time.sleep(600)", limit=3.0)
    with erring as remote, pytest.raises(WorkerFailed, match="wrong shape") as caught:
        remote.results()
    assert isinstance(caught.value.__cause__, Hung)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("from fwconformance.frameworks import NotAdapted as E", NotAdapted),
        ("from fwconformance.frameworks import Unavailable as E", Unavailable),
    ],
)
def test_what_the_seam_knows_comes_back_as_itself(script, kind):
    with started(f"{script}\nerror(0, E('two are needed'))") as remote, pytest.raises(kind, match="two are needed"):
        remote.results()


def test_what_a_probe_of_a_worker_saw_is_evidence():
    code = (
        "from fwconformance.frameworks import Unsupported\n"
        "from fwconformance.frameworks._probes import Seen, refuse\n"
        "try: refuse(Seen(absent=True, evidence='no such thing'))\n"
        "except Unsupported as found: error(0, found)"
    )
    with started(code) as remote, pytest.raises(Unsupported, match="no such thing") as caught:
        remote.results()
    assert caught.value.probe is not None


def test_a_refusal_without_a_probe_stays_without_one():
    code = "from fwconformance.frameworks import Unsupported\nerror(0, Unsupported('I think not'))"
    with started(code) as remote, pytest.raises(Unsupported) as caught:
        remote.results()
    assert caught.value.probe is None


def test_a_server_returns_nothing_and_is_ended():
    with started("answer(0, 5)", "time.sleep(600)", needed=(True, False)) as remote:
        assert remote.results() == [5]
        pid = remote.group.pid("worker 1")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_sabotage_that_the_worker_does_not_know_is_an_error(seam):
    seam.sabotage = "no-such-thing"
    with pytest.raises(WorkerFailed, match="reference has no sabotage 'no-such-thing'"):
        seam.elsewhere("low-level", "two_layer", *two_layer())


def test_workers_on_hosts_of_their_own_are_where_they_should_be(seam):
    """Checked by the call itself: each answer says in which network namespace it was made."""
    training = two_rows()
    try:
        (first,), (second,) = seam.elsewhere("multi-process", "train", training, 2, devices=2, hosts=2)
    except Unavailable as error:
        pytest.skip(f"no hosts of their own here: {error}")
    (alone,), _ = seam.elsewhere("multi-process", "train", training, 2, devices=2)
    for name, value in alone["weights"].items():
        np.testing.assert_array_equal(first["weights"][name], value)
        np.testing.assert_array_equal(second["weights"][name], value)


def test_a_worker_that_ran_on_no_host_is_an_error(seam, monkeypatch):
    monkeypatch.setattr(Hosts, "command", lambda _self, _number, command: tuple(command))
    monkeypatch.setattr(_remote.Worker, "address", lambda _self, _number: "127.0.0.1")
    try:
        with pytest.raises(RuntimeError, match="other network namespaces than theirs"):
            seam.elsewhere("multi-process", "train", two_rows(), 2, devices=2, hosts=2)
    except Unavailable as error:
        pytest.skip(f"no hosts of their own here: {error}")


def test_hosts_that_cannot_be_made_are_unavailable(seam, monkeypatch):
    def refuse(self):
        raise NoHosts("only root may make them")

    monkeypatch.setattr(Hosts, "__enter__", refuse)
    with pytest.raises(Unavailable, match="only root may make them"):
        seam.elsewhere("multi-process", "train", two_rows(), 2, devices=2, hosts=2)


def test_a_piece_that_places_no_worker_on_a_host_is_our_gap(monkeypatch):
    monkeypatch.setattr(Hosts, "__enter__", lambda self: self)
    monkeypatch.setattr(Hosts, "__exit__", lambda _self, *_caught: None)
    call = Seam(Scripted("answer(0, 1)", "answer(1, 1)")).start("any", "any", devices=2, hosts=2)
    with pytest.raises(NotAdapted, match="without saying on which host"), call:
        raise AssertionError("its workers were started")
