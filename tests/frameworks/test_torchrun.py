"""How workers of torch are started, without torch: a stand-in says what the build and the machine have."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fwconformance.frameworks import _torchrun
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks._remote import Worker
from fwconformance.processes import Hosts

WORKER = Worker(folder="/nowhere")


def a_torch(*, distributed=True, cards=0, nccl=True):
    return SimpleNamespace(
        distributed=SimpleNamespace(is_available=lambda: distributed, is_nccl_available=lambda: nccl),
        cuda=SimpleNamespace(device_count=lambda: cards),
    )


@pytest.fixture(autouse=True)
def _new_launcher(monkeypatch):
    monkeypatch.setattr(_torchrun, "_has_torchrun", lambda: True)


def test_as_many_workers_on_a_cpu_as_are_asked_for():
    piece = _torchrun.Torchrun(a_torch(), "cpu")
    assert piece.workers(4) == 4
    (program,) = piece.programs(WORKER, 4)
    assert "--nproc-per-node=4" in program.command


def test_torchrun_is_given_the_workers_script_and_numbers_the_workers():
    (program,) = _torchrun.Torchrun(a_torch(), "cpu").programs(WORKER, 2)
    assert program.command[-3:] == (WORKER.script, "/nowhere", "env:RANK")
    assert "torch.distributed.run" in program.command
    assert "--standalone" in program.command


def test_before_torchrun_there_was_a_module_that_wants_a_port(monkeypatch):
    monkeypatch.setattr(_torchrun, "_has_torchrun", lambda: False)
    (program,) = _torchrun.Torchrun(a_torch(), "cpu").programs(WORKER, 2)
    assert "torch.distributed.launch" in program.command
    assert "--use_env" in program.command
    (port,) = [word.partition("=")[2] for word in program.command if word.startswith("--master_port=")]
    assert 0 < int(port) < 65536


def on_two_hosts(kind="cpu", **torch):
    # Never entered: names and addresses are known without.
    worker = Worker(folder="/nowhere", hosts=Hosts(2))
    return _torchrun.Torchrun(a_torch(**torch), kind).programs(worker, 2)


@pytest.mark.parametrize("has_torchrun", [True, False])
def test_several_hosts_have_a_launcher_each_that_meet_at_the_first(monkeypatch, has_torchrun):
    monkeypatch.setattr(_torchrun, "_has_torchrun", lambda: has_torchrun)
    programs = on_two_hosts()
    assert [program.host for program in programs] == [0, 1]
    assert [word for program in programs for word in program.command if "node_rank" in word] == [
        "--node_rank=0",
        "--node_rank=1",
    ]
    for program in programs:
        assert {"--nnodes=2", "--nproc_per_node=1", f"--master_addr={Hosts(2).address(0)}"} <= set(program.command)
        assert program.environment["GLOO_SOCKET_IFNAME"] == Hosts.interface
    first, second = ([word for word in program.command if "port" in word] for program in programs)
    assert first == second


def test_hosts_that_share_a_machines_cards_take_one_each():
    programs = on_two_hosts("cuda", cards=2)
    assert [program.environment["CUDA_VISIBLE_DEVICES"] for program in programs] == ["0", "1"]


def test_workers_of_one_host_meet_on_loopback():
    (program,) = _torchrun.Torchrun(a_torch(), "cpu").programs(WORKER, 2)
    assert program.host is None
    assert program.environment["GLOO_SOCKET_IFNAME"] == "lo"


def test_a_build_without_distributed_training_is_unavailable():
    with pytest.raises(Unavailable, match=r"no torch\.distributed"):
        _torchrun.require(a_torch(distributed=False), "cpu", 2)


def test_cards_that_are_not_here_are_unavailable():
    with pytest.raises(Unavailable, match="2 cuda devices are needed, 1 here"):
        _torchrun.require(a_torch(cards=1), "cuda", 2)


def test_cards_without_their_collectives_are_unavailable():
    with pytest.raises(Unavailable, match="NCCL"):
        _torchrun.require(a_torch(cards=2, nccl=False), "cuda", 2)


def test_a_kind_without_collectives_is_unavailable():
    with pytest.raises(Unavailable, match="no collectives between mps devices"):
        _torchrun.require(a_torch(), "mps", 1)


def test_enough_cards_are_enough():
    _torchrun.require(a_torch(cards=2), "cuda", 2)
