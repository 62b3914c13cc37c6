"""Several programs that work together."""

from __future__ import annotations

import os
import pathlib
import sys
import time

import pytest

from fwconformance.processes import Group, Hung, Program, free_port, run_program


def python(name, code, **more):
    return Program(name=name, command=(sys.executable, "-c", code), **more)


def gone(pid):
    """Whether no such process is left, the dead but not yet reaped aside."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_statuses_and_output_come_back_in_the_order_given(tmp_path):
    programs = [python("slow", "import time; time.sleep(0.3); print('one')"), python("quick", "print('two'); exit(3)")]
    with Group(programs, folder=tmp_path, limit=30) as group:
        slow, quick = group.wait()
    assert (slow.name, slow.status, slow.output.strip()) == ("slow", 0, "one")
    assert (quick.name, quick.status, quick.output.strip()) == ("quick", 3, "two")


def test_a_server_is_ended_once_the_needed_have_ended(tmp_path):
    programs = [python("server", "import time; time.sleep(600)", needed=False), python("worker", "print('done')")]
    with Group(programs, folder=tmp_path, limit=30) as group:
        pid = group.pid("server")
        server, worker = group.wait()
    assert server.status is None
    assert worker.status == 0
    assert gone(pid)


def test_what_was_printed_by_now_can_be_read_while_it_runs(tmp_path):
    program = python("talker", "import time; print('one', flush=True); time.sleep(600); print('two')")
    with Group([program], folder=tmp_path, limit=60) as group:
        deadline = time.monotonic() + 30
        while not group.output("talker") and time.monotonic() < deadline:
            time.sleep(0.02)
        assert group.output("talker") == "one\n"
        assert group.running() == ("talker",)


def test_a_hang_is_cut_and_said(tmp_path):
    started = time.monotonic()
    with Group(
        [python("stuck", "print('before', flush=True); import time; time.sleep(600)")], folder=tmp_path, limit=1
    ) as group:
        pid = group.pid("stuck")
        with pytest.raises(Hung, match=r"stuck: no end after \d+ s; stuck printed: before"):
            group.wait()
    assert time.monotonic() - started < 20
    assert gone(pid)


def test_leaving_the_context_ends_what_they_started_too(tmp_path):
    """Also a grandchild in a session of its own."""
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with Group([python("parent", code)], folder=tmp_path, limit=60) as group:
        log = tmp_path / "program-0.log"
        while not log.read_text().strip():
            time.sleep(0.02)
        pids = [group.pid("parent"), int(log.read_text())]
    assert all(gone(pid) for pid in pids)


def test_one_that_is_killed_is_seen_as_killed_and_the_others_live(tmp_path):
    programs = [python(name, "import time; time.sleep(600)") for name in ("one", "two")]
    with Group(programs, folder=tmp_path, limit=60) as group:
        group.kill("one")
        assert group.running() == ("two",)


def test_the_environment_is_ours_and_what_was_added(tmp_path, monkeypatch):
    monkeypatch.setenv("OURS", "1")
    code = "import os; print(os.environ['OURS'], os.environ['ADDED'])"
    ended = run_program([sys.executable, "-c", code], folder=tmp_path, limit=30, environment={"ADDED": "2"})
    assert ended.output.strip() == "1 2"
    assert "ADDED" not in os.environ


def test_a_program_that_cannot_be_started_ends_those_before_it(tmp_path):
    programs = [python("one", "import time; time.sleep(600)"), Program(name="two", command=("/nowhere/at/all",))]
    group = Group(programs, folder=tmp_path, limit=30)
    with pytest.raises(FileNotFoundError):
        group.__enter__()
    assert group.running() == ()


def test_names_must_differ(tmp_path):
    with pytest.raises(ValueError, match="names of their own"):
        Group([python("a", ""), python("a", "")], folder=tmp_path, limit=1)


def test_free_ports_can_be_listened_on():
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port()))
