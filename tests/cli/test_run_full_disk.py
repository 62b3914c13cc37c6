"""A disk that fills up while a run writes its journal."""

from __future__ import annotations

import pathlib
import subprocess

import pytest

from fwconformance.shards import read_shard


@pytest.fixture
def tiny(tmp_path):
    """A file system of a few kilobytes."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("a file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_ends_the_run_and_what_was_observed_is_kept(command, tiny):
    arguments = ("run", "--framework", "reference", "--only", "layers.activation", "--only", "losses.regression")
    more = ("--only", "layers.embedding", "--only", "layers.dropout", "--shard", tiny / "s.jsonl")
    done = command(*arguments, *more)
    assert done.returncode == 2, done.stderr
    assert "No space left on device" in done.stderr
    assert "continue the run with --resume" in done.stderr
    kept = read_shard(pathlib.Path(tiny / "s.jsonl"))
    assert kept.observations
    assert all(one.outcome.value == "passed" for one in kept.observations)
