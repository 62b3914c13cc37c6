"""Interrupting a run, and going on with it."""

from __future__ import annotations

import json
import shlex
import signal
import time

import pytest

from fwconformance.shards import read_shard

ARGUMENTS = (
    "run",
    "--framework",
    "misbehaving",
    "--only",
    "layers.dense",
    "--only",
    "layers.embedding",
    "--shard",
    "s.jsonl",
)


def interrupted(command, number: int):
    """Start a run, send it a signal while the embedding hangs; what it printed."""
    running = command.start(*ARGUMENTS, MISBEHAVE="Embedding:hang")
    deadline = time.monotonic() + 120
    shard = command.folder / "s.jsonl"
    while not (shard.exists() and '"capability":"layers.embedding"' in shard.read_text()):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline, "the embedding was never reached"
        time.sleep(0.1)
    running.send_signal(number)
    output, errors = running.communicate(timeout=60)
    return running.returncode, output, errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_interrupts_and_the_printed_command_goes_on(command, number):
    status, _, errors = interrupted(command, number)
    assert status == 130
    assert f"interrupted by {number.name}" in errors
    halfway = read_shard(command.folder / "s.jsonl")
    assert {one.key.capability for one in halfway.observations} == {"layers.dense"}
    assert [(one.capability, one.case) for one in halfway.unfinished] == [("layers.embedding", "forward")]
    if number is not signal.SIGINT:
        return  # going on is the same after each
    (again,) = [line.split("go on with: ")[1] for line in errors.splitlines() if "go on with: " in line]
    done = command(*shlex.split(again)[1:])
    assert done.returncode == 0, done.stderr
    whole = read_shard(command.folder / "s.jsonl")
    assert whole.header == halfway.header
    assert whole.observations[: len(halfway.observations)] == halfway.observations
    assert [one.outcome.value for one in whole.observations] == ["passed"] * 5
    assert not whole.unfinished


def test_a_run_with_another_seed_is_another_run_and_does_not_go_on(command):
    first = command("run", "--framework", "reference", "--only", "layers.embedding:forward", "--shard", "s.jsonl")
    before = (command.folder / "s.jsonl").read_bytes()
    more = ("run", "--framework", "reference", "--only", "layers.embedding", "--shard", "s.jsonl", "--resume")
    done = command(*more, "--seed", "7")
    assert first.returncode == 0
    assert done.returncode == 2
    assert "seed is 20200101 there and 7 now" in done.stderr
    assert "--fw-" not in done.stderr
    assert (command.folder / "s.jsonl").read_bytes() == before


def test_a_finished_run_is_put_aside_by_the_next_and_not_lost(command):
    arguments = ("run", "--framework", "reference", "--only", "layers.embedding:forward", "--shard", "s.jsonl")
    assert command(*arguments).returncode == 0
    first = (command.folder / "s.jsonl").read_bytes()
    assert command(*arguments).returncode == 0
    assert (command.folder / "s.jsonl.previous").read_bytes() == first
    assert (
        json.loads((command.folder / "s.jsonl").read_text().splitlines()[0])["run"]
        != json.loads(first.splitlines()[0])["run"]
    )
