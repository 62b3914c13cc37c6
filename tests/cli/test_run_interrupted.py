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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_run_without_a_shard_leaves_nothing_behind_where_nothing_was_observed(command, tmp_path, number):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    running = command.start(*ARGUMENTS[:-2], MISBEHAVE="import:hang", TMPDIR=str(scratch))
    deadline = time.monotonic() + 60
    while not list(scratch.glob("*/stages.jsonl")):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.send_signal(number)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert f"interrupted by {number.name}; nothing was observed yet" in errors
    assert list(scratch.iterdir()) == []


def test_an_interrupted_run_without_a_shard_keeps_only_the_journal_that_it_names(command, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    running = command.start(*ARGUMENTS[:-2], MISBEHAVE="Embedding:hang", TMPDIR=str(scratch))
    deadline = time.monotonic() + 120
    begun = '"capability":"layers.embedding"'  # the header names it too, among what the run is limited to
    while not any(begun in path.read_text() for path in scratch.glob("fwconformance-*.jsonl")):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    running.send_signal(signal.SIGTERM)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    (kept,) = scratch.iterdir()
    assert f"what was observed is kept in {kept}" in errors
    assert read_shard(kept).observations


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--framework", "nosuch"), 2),
        (("--framework", "reference", "--only", "nosuch"), 2),
        (("--framework", "reference", "--python", "/bin/ls"), 2),
        (("--framework", "misbehaving", "--only", "layers.embedding:forward"), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_run_without_a_shard_leaves_nothing_behind_however_it_ends(command, tmp_path, arguments, status):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert command("run", *arguments, TMPDIR=str(scratch)).returncode == status
    assert list(scratch.iterdir()) == []


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


def test_a_run_that_is_there_is_not_touched_without_being_asked(command):
    arguments = ("run", "--framework", "reference", "--only", "layers.embedding:forward", "--shard", "s.jsonl")
    assert command(*arguments).returncode == 0
    first = (command.folder / "s.jsonl").read_bytes()
    done = command(*arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "s.jsonl: holds a run already; go on with it with --resume, or start anew with --fresh" in done.stderr
    assert {path.name: path.read_bytes() for path in command.folder.iterdir()} == {"s.jsonl": first}


def test_a_fresh_run_keeps_the_older_one_beside_it_and_says_so(command):
    arguments = ("run", "--framework", "reference", "--only", "layers.embedding:forward", "--shard", "s.jsonl")
    assert command(*arguments, "--fresh").returncode == 0  # where there is none, it is a run like others
    first = (command.folder / "s.jsonl").read_bytes()
    done = command(*arguments, "--fresh")
    assert done.returncode == 0, done.stderr
    assert f"the run that was in s.jsonl is kept as {command.folder / 's.jsonl.previous'}" in done.stderr
    assert (command.folder / "s.jsonl.previous").read_bytes() == first
    assert (
        json.loads((command.folder / "s.jsonl").read_text().splitlines()[0])["run"]
        != json.loads(first.splitlines()[0])["run"]
    )


def test_no_fresh_run_takes_the_place_of_one_that_is_kept(command):
    arguments = ("run", "--framework", "reference", "--only", "layers.embedding:forward", "--shard", "s.jsonl")
    assert command(*arguments).returncode == 0
    written = [(command.folder / "s.jsonl").read_bytes()]
    for name in ("s.jsonl.previous", "s.jsonl.previous-2"):
        refused = command(*arguments)
        assert f"start anew with --fresh, which keeps it as {name}" in refused.stderr
        done = command(*arguments, "--fresh")
        assert f"is kept as {command.folder / name}" in done.stderr
        written.append((command.folder / "s.jsonl").read_bytes())
    kept = [(command.folder / name).read_bytes() for name in ("s.jsonl.previous", "s.jsonl.previous-2", "s.jsonl")]
    assert kept == written


@pytest.mark.parametrize(
    "arguments",
    [
        ("merge", "README.md", "-o", "out"),
        ("run", "--framework", "reference", "--shard", "README.md"),
        ("run", "--framework", "reference", "--shard", "README.md", "--fresh"),
        ("run", "--framework", "reference", "--shard", "README.md", "--resume"),
        ("findings", "--framework", "reference", "--shard", "README.md"),
        ("proofs", "--framework", "reference", "--shard", "README.md"),
    ],
    ids=" ".join,
)
def test_somebodys_file_is_refused_untouched_and_its_removal_never_advised(command, arguments):
    (command.folder / "README.md").write_text("# A project\n")
    done = command(*arguments)
    assert done.returncode == 2
    assert "README.md:1: is no JSON" in done.stderr
    assert "the file is no journal of fwconformance; name another" in done.stderr
    assert "remove" not in done.stderr
    assert {path.name: path.read_text() for path in command.folder.iterdir()} == {"README.md": "# A project\n"}


def test_of_fresh_and_resume_the_last_one_counts(command):
    """So `tox -e torch-cpu -- --resume` goes on, though the environment itself says --fresh."""
    run = ("run", "--framework", "reference", "--shard", "s.jsonl")
    assert command(*run, "--only", "layers.embedding:forward").returncode == 0
    first = (command.folder / "s.jsonl").read_bytes()
    done = command(*run, "--only", "layers.embedding", "--fresh", "--resume")
    assert done.returncode == 0, done.stderr
    assert (command.folder / "s.jsonl").read_bytes().startswith(first)
    assert not (command.folder / "s.jsonl.previous").exists()
    done = command(*run, "--only", "layers.embedding:forward", "--resume", "--fresh")
    assert done.returncode == 0, done.stderr
    assert (command.folder / "s.jsonl.previous").read_bytes().startswith(first)
