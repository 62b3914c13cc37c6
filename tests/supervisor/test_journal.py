"""What the supervisor does to a journal: it alone writes it while it runs, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import fwconformance
from fwconformance.evidence import Outcome
from fwconformance.shards import JournalError, open_journal, read_shard
from fwconformance.supervisor._journal import append_outcome, continued, held

HOME = Path(fwconformance.__file__).resolve().parent.parent


def run(path, *more):
    command = [sys.executable, "-m", "fwconformance", "run", "--framework", "reference", "--only", "layers.dense"]
    env = {**os.environ, "PYTHONPATH": str(HOME), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, "--shard", str(path), *more], env=env, capture_output=True, text=True, check=False, timeout=120
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no flock there")
@pytest.mark.parametrize("more", [(), ("--resume",), ("--fresh",)])
def test_second_supervised_run_is_refused_whatever_it_wants(tmp_path, more):
    """Exit 2, why and what to do; the journal of the first stays where and as it is."""
    path = tmp_path / "j.jsonl"
    assert run(path)[0] == 0
    before = path.read_bytes()
    with held(path):
        status, said = run(path, *more)
    assert status == 2, said
    assert "being written by another run" in said
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["j.jsonl"]


def test_children_share_the_journal_with_their_supervisor(tmp_path):
    """A run, its continuation and a new one in its place: each child writes what its supervisor holds."""
    path = tmp_path / "j.jsonl"
    assert run(path)[0] == 0
    assert run(path, "--resume")[0] == 0
    assert run(path, "--fresh")[0] == 0
    assert len(read_shard(path).observations) == len(read_shard(tmp_path / "j.jsonl.previous").observations) > 0


@pytest.mark.skipif(sys.platform == "win32", reason="no flock there")
def test_what_is_held_nobody_else_appends_to(tmp_path, header):
    path = tmp_path / "j.jsonl"
    open_journal(path, header).close()
    with held(path):
        with pytest.raises(JournalError, match="another run"):
            continued(path)
        append_outcome(path, ("layers.dense", "forward", 1), Outcome.CRASHED, "SIGSEGV")
    assert [each.outcome for each in read_shard(path).observations] == [Outcome.CRASHED]


def test_nothing_is_left_where_nothing_was_written(tmp_path):
    """Holding a journal makes its file and folder; where the file stays empty, both go again."""
    with held(tmp_path / "deep" / "j.jsonl"):
        assert (tmp_path / "deep" / "j.jsonl").exists()
    assert not list(tmp_path.iterdir())


def test_file_that_was_there_stays_though_empty(tmp_path):
    """A temporary file that somebody made for the run is theirs to remove."""
    (tmp_path / "j.jsonl").touch()
    with held(tmp_path / "j.jsonl"):
        pass
    assert (tmp_path / "j.jsonl").exists()
