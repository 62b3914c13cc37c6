"""What is printed never changes what is done, nor the exit code: readers that went, closed descriptors, encodings."""

from __future__ import annotations

import os
import pathlib
import shlex
import subprocess

import pytest

from fwconformance.shards import read_shard

DENSE = ("run", "--framework", "reference", "--only", "layers.dense", "--shard", "s.jsonl")


@pytest.fixture
def unread():
    """A descriptor to write to whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def ran(command, *arguments, **streams):
    return subprocess.run(
        command.line(*arguments),
        cwd=command.folder,
        env=command.environment(**streams.pop("env", {})),
        check=False,
        timeout=240,
        **{"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **streams},
    )


def in_shell(command, *arguments, redirected):
    """`arguments` with what a shell does to the streams."""
    line = f"{shlex.join(command.line(*arguments))} {redirected}"
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", line],
        cwd=command.folder,
        env=command.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.mark.parametrize("gone", [("stdout",), ("stderr",), ("stdout", "stderr")], ids=" and ".join)
def test_a_gate_that_is_not_met_is_3_where_nobody_reads(command, unread, gone):
    done = ran(command, *DENSE, "--require", "rnn.lstm", **dict.fromkeys(gone, unread))
    assert done.returncode == 3
    assert read_shard(command.folder / "s.jsonl").ended == 0


def test_a_gate_in_a_pipe_is_3_and_the_run_comes_to_its_end(command):
    done = in_shell(command, *DENSE, "--require", "rnn.lstm", redirected="2>&1 | grep -q passed")
    assert done.returncode == 3
    shard = read_shard(command.folder / "s.jsonl")
    assert (len(shard.observations), shard.ended) == (3, 0)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("check", "--claims", "claims.toml"), 2),
        (("merge", "s.jsonl", "-o", "out", "--expect", "core"), 1),
        (("merge", "nosuch.jsonl", "-o", "out"), 2),
        (("list", "nosuch"), 2),
        (("list", "works"), 0),
        (("run", "--help"), 0),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_commands_end_as_they_would_have_where_nobody_reads(command, unread, arguments, status):
    (command.folder / "claims.toml").write_text("broken")
    if arguments[:2] == ("merge", "s.jsonl"):
        wrong = ("run", "--framework", "misbehaving", "--only", "layers.embedding:forward", "--shard", "s.jsonl")
        assert command(*wrong, MISBEHAVE="Embedding:wrong").returncode == 1
    assert ran(command, *arguments, stdout=unread, stderr=unread).returncode == status


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_none_of_the_journals_business(command, closed):
    """The descriptor of a stream that is not there must not become the journal's."""
    done = in_shell(command, *DENSE, redirected=closed)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert ("3 of 3" in done.stderr) == ("2>" not in closed)
    assert len(read_shard(command.folder / "s.jsonl").observations) == 3


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_errors_keep_their_exit_code_where_a_stream_is_closed(command, closed):
    done = in_shell(command, "list", "nosuch", redirected=closed)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not pathlib.Path("/dev/full").exists(), reason="only Linux has /dev/full")
def test_a_full_disk_under_standard_output_is_said_and_no_success(command):
    done = in_shell(command, "list", "works", redirected="> /dev/full")
    assert done.returncode == 2
    assert done.stderr.startswith("fwconformance: error: No space left on device")
    assert len(done.stderr.splitlines()) == 1


def test_what_an_encoding_lacks_is_escaped(command):
    """A label, a page and a summary with characters that the terminal's encoding has not."""
    run = (*DENSE, "--label", "a box π")
    done = command(*run, PYTHONIOENCODING="latin-1")
    assert done.returncode == 0, done.stderr
    assert "reference (a box \\u03c0): " in done.stdout
    assert command("merge", "s.jsonl", "-o", "out", PYTHONIOENCODING="ascii").returncode == 0
    # tox sets the encoding for all that it starts.
    plain = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": ""}
    for env in ({"PYTHONIOENCODING": "latin-1"}, plain):
        page = command("render", "out", **env)
        assert page.returncode == 0, page.stderr
        assert "a box \\u03c0" in page.stdout
    chosen = command("render", "out", PYTHONIOENCODING="ascii:replace")
    assert "a box ?" in chosen.stdout
