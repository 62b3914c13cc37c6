"""One run a journal: the second is told so, and nothing of the first is lost."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

import fwconformance
from fwconformance.shards import HOLDER, JournalError, _lock, open_journal, open_locked, read_shard

HOME = Path(fwconformance.__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no flock there")

OPEN = (
    "import sys; from pathlib import Path; from fwconformance.shards import open_locked; open_locked(Path(sys.argv[1]))"
)


def open_elsewhere(path, **environment):
    """The exit status of a process that opens the journal, and what it says."""
    env = {**os.environ, "PYTHONPATH": str(HOME), **environment}
    done = subprocess.run([sys.executable, "-c", OPEN, str(path)], env=env, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_second_run_cannot_continue_a_journal_that_is_being_written(tmp_path, header):
    """It is told why and what to do; the first goes on as if nothing had been."""
    path = tmp_path / "j.jsonl"
    with open_journal(path, header) as journal:
        with pytest.raises(JournalError, match=r"written by another run .* wait for that one, or name another file"):
            open_journal(path, header, resume=True)
        journal.end(0)
    assert read_shard(path).ended == 0
    assert read_shard(path).resumed == 0


def test_another_process_is_kept_out(tmp_path, header):
    """The lock holds between processes, and leaves no file beside the journal."""
    path = tmp_path / "j.jsonl"
    with open_journal(path, header):
        status, said = open_elsewhere(path)
    assert status == 1
    assert "another run" in said
    assert [each.name for each in tmp_path.iterdir()] == ["j.jsonl"]


def test_a_run_that_ended_leaves_the_journal_free(tmp_path, header):
    """Closing gives it back, and so does dying: the lock is the process' own."""
    path = tmp_path / "j.jsonl"
    open_journal(path, header).close()
    assert open_elsewhere(path) == (0, "")
    open_journal(path, header, resume=True).close()


def test_closing_frees_the_journal_that_a_forked_child_has_still_open(tmp_path, header):
    """A worker process that a framework forked and left behind keeps nobody out."""
    path = tmp_path / "j.jsonl"
    journal = open_journal(path, header)
    inherited = os.dup(journal._descriptor)
    try:
        journal.close()
        assert open_elsewhere(path) == (0, "")
    finally:
        os.close(inherited)


def test_two_that_begin_at_once_do_not_both_begin(tmp_path, header, monkeypatch):
    """What another run wrote between our look and our lock is not written over."""
    path = tmp_path / "j.jsonl"
    lock = _lock.lock

    def late(descriptor):
        path.write_text("another run's header\n")
        return lock(descriptor)

    monkeypatch.setattr(_lock, "lock", late)
    with pytest.raises(JournalError, match="another run"):
        open_journal(path, header)
    assert path.read_text() == "another run's header\n"


def test_child_shares_what_its_supervisor_holds(tmp_path, header):
    """It is named by process id, so what inherits the environment further down is kept out."""
    path = tmp_path / "j.jsonl"
    with open_journal(path, header):
        assert open_elsewhere(path, **{HOLDER: str(os.getpid())}) == (0, "")
        assert open_elsewhere(path, **{HOLDER: str(os.getppid())})[0] == 1


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.EINVAL])
def test_file_system_without_locks_is_written_all_the_same(tmp_path, header, monkeypatch, number):
    """A lock that cannot be had stops no run."""

    class Without:
        LOCK_EX, LOCK_NB, LOCK_UN = 2, 4, 8

        @staticmethod
        def flock(_descriptor, _operation):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(_lock, "_fcntl", Without)
    with open_journal(tmp_path / "j.jsonl", header) as journal:
        journal.end(0)
    assert read_shard(tmp_path / "j.jsonl").ended == 0


def test_system_without_locks_is_written_all_the_same(tmp_path, header, monkeypatch):
    monkeypatch.setattr(_lock, "_fcntl", None)
    open_journal(tmp_path / "j.jsonl", header).close()
    os.close(open_locked(tmp_path / "j.jsonl"))
