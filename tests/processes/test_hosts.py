"""Hosts of their own: network namespaces that programs run in, and that leave nothing behind."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest

from fwconformance.processes import Group, Hosts, NoHosts, Program, _hosts, namespace

PORT = 4321
# Connects to each address that it is told, and prints whether anyone answered.
CALLER = f"""
import socket, sys
for address in sys.argv[1:]:
    try:
        socket.create_connection((address, {PORT}), timeout=20).close()
        print("answered")
    except ConnectionRefusedError:
        print("refused")
"""
# Listens at all addresses of its host, and says so in a file.
LISTENER = f"""
import pathlib, socket, time
with socket.create_server(("0.0.0.0", {PORT})):
    pathlib.Path("listening").touch()
    time.sleep(600)
"""
STARTER = """
import time
from fwconformance.processes import Hosts
with Hosts(2) as hosts:
    print(*hosts.namespaces(), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def hosts():
    with contextlib.ExitStack() as stack:
        try:
            yield stack.enter_context(Hosts(2))
        except NoHosts as error:
            pytest.skip(f"no hosts of their own here: {error}")


def python(name, code, *arguments, **more):
    return Program(name=name, command=(sys.executable, "-c", code, *arguments), **more)


def printed(hosts, folder, code, *, host):
    with Group([python("one", code, host=host)], folder=folder, limit=30, hosts=hosts) as group:
        return group.wait()[0].output.split()


def dwellers(*places):
    """Processes that are in one of these network namespaces."""
    return [entry.name for entry in pathlib.Path("/proc").glob("[0-9]*") if namespace(entry.name) in places]


def until(condition):
    deadline = time.monotonic() + 30
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_each_host_is_a_network_namespace_of_its_own(hosts, tmp_path):
    code = "import os; print(os.readlink('/proc/self/ns/net'))"
    found = [printed(hosts, tmp_path, code, host=number)[0] for number in range(2)]
    assert tuple(found) == hosts.namespaces()
    assert len({*found, namespace()}) == 3


def test_a_program_that_names_no_host_runs_here(hosts, tmp_path):
    code = "import os; print(os.readlink('/proc/self/ns/net'))"
    assert printed(hosts, tmp_path, code, host=None) == [namespace()]


def test_a_host_is_reached_at_its_address_by_others_and_on_loopback_by_itself_alone(hosts, tmp_path):
    own = hosts.address(0)
    with Group([python("listener", LISTENER, host=0)], folder=tmp_path, limit=60, hosts=hosts):
        assert until((tmp_path / "listening").exists)
        places = {"here": 0, "there": 1, "outside": None}
        answers = {}
        for name, host in places.items():
            folder = tmp_path / name
            folder.mkdir()
            callers = [python(name, CALLER, "127.0.0.1", *([own] if host is not None else []), host=host)]
            with Group(callers, folder=folder, limit=60, hosts=hosts) as group:
                answers[name] = group.wait()[0].output.split()
    assert answers == {"here": ["answered", "answered"], "there": ["refused", "answered"], "outside": ["refused"]}


def test_the_name_of_a_host_resolves_to_its_address(hosts, tmp_path):
    code = "import socket; print(socket.gethostname(), socket.gethostbyname(socket.gethostname()))"
    assert printed(hosts, tmp_path, code, host=1) == ["host-1", hosts.address(1)]


def test_a_program_on_a_host_keeps_its_process_id_and_its_folder(hosts, tmp_path):
    with Group([python("one", "import os; print(os.getpid(), os.getcwd())", host=0)],
               folder=tmp_path, limit=30, hosts=hosts) as group:  # fmt: skip
        pid = group.pid("one")
        assert group.wait()[0].output.split() == [str(pid), str(tmp_path)]


def test_nothing_of_it_is_seen_outside(hosts):
    with_hosts = pathlib.Path("/proc/net/dev").read_text()
    assert "port0" not in with_hosts
    assert "switch" not in with_hosts
    assert "host-0" not in pathlib.Path("/etc/hosts").read_text()


def test_leaving_ends_the_processes_that_hold_them(hosts):
    places = hosts.namespaces()
    assert len(dwellers(*places)) == 2
    hosts.__exit__(None, None, None)
    assert dwellers(*places) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="network namespaces are Linux'")
def test_they_go_when_their_starter_is_killed(hosts):
    """Nobody tells them to."""
    root = pathlib.Path(_hosts.__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", STARTER], stdout=subprocess.PIPE, text=True, cwd=str(root)) as starter:
        places = starter.stdout.readline().split()
        assert len(dwellers(*places)) == 2
        os.kill(starter.pid, signal.SIGKILL)
    assert until(lambda: dwellers(*places) == [])


def test_who_is_not_root_is_told_so(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(NoHosts, match="only root may make"):
        Hosts(1).__enter__()


def test_another_system_is_told_so(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(NoHosts, match="which Linux has and darwin has not"):
        Hosts(1).__enter__()


def test_programs_that_are_missing_are_named(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(shutil, "which", lambda name, **_: None if name in {"ip", "nsenter"} else name)
    with pytest.raises(NoHosts, match="need the programs ip, nsenter"):
        Hosts(1).__enter__()


def tools(monkeypatch, tmp_path, **scripts):
    """Takes these shell scripts for the programs that make hosts, and nothing for the others."""
    for name in ("unshare", "nsenter", "ip", "mount"):
        place = tmp_path / name
        place.write_text(f"#!/bin/sh\n{scripts.get(name, 'exit 0')}\n")
        place.chmod(0o755)
    monkeypatch.setattr(_hosts, "_tools", lambda: {name: str(tmp_path / name) for name in _hosts._PROGRAMS})


def test_what_the_kernel_refuses_is_said_in_its_words(monkeypatch, tmp_path):
    tools(monkeypatch, tmp_path, unshare="echo 'unshare: unshare failed: Operation not permitted' >&2; exit 1")
    with pytest.raises(NoHosts, match="unshare failed: Operation not permitted"):
        Hosts(1).__enter__()


def test_a_kernel_without_virtual_cables_is_said(monkeypatch, tmp_path):
    refusal = "echo 'RTNETLINK answers: Operation not supported'; exit 2"
    tools(monkeypatch, tmp_path, unshare="echo ready; exec cat", nsenter=refusal)
    with pytest.raises(NoHosts, match="cannot be joined: ip: RTNETLINK answers: Operation not supported"):
        Hosts(1).__enter__()


@pytest.mark.parametrize("count", [0, 251])
def test_there_are_addresses_for_so_many_only(count):
    with pytest.raises(ValueError, match="from 1 to 250"):
        Hosts(count)
