"""The table of exit codes, a test a row, and what is printed with each."""

from __future__ import annotations

import pathlib
import signal
import sys
import time
import types

import pytest

from fwconformance import __main__
from fwconformance.cli import Exit, main

ONE = ("run", "--framework", "misbehaving", "--only", "layers.embedding:forward")


def test_0_measured_and_nothing_new_is_wrong(command):
    done = command(*ONE)
    assert done.returncode == 0, done.stderr
    assert "layers.embedding:forward  passed" in done.stdout
    assert "case" not in done.stderr  # no terminal, no changing line
    assert "misbehaving:   1 of 1  layers.embedding:forward" in done.stderr


def test_1_something_new_is_wrong(command):
    assert command(*ONE, MISBEHAVE="Embedding:exit").returncode == 1


def test_2_usage(command):
    done = command("run", "--framework", "nosuch")
    assert done.returncode == 2
    assert done.stderr.startswith("fwconformance: error: unknown framework 'nosuch'; known are: pytorch (or torch)")
    assert len(done.stderr.splitlines()) == 1


def test_3_a_requirement_is_unmet(command):
    done = command(*ONE, "--require", "rnn.lstm", FWCONFORMANCE_REQUIRE="layers.dense:hardware")
    assert done.returncode == 3, done.stderr
    assert "requirement not met: rnn.lstm: required, untested: not run" in done.stderr
    assert "requirement not met: layers.dense: required at level hardware, untested: not run" in done.stderr


def test_requirement_of_the_environment_is_the_commands_own(command):
    """The children know nothing of it: met, all is well; unmet, it is exit 3 and no failure of a child."""
    lstm = ("run", "--framework", "reference", "--only", "rnn.lstm")
    met = command(*lstm, FWCONFORMANCE_REQUIRE="rnn.lstm")
    assert (met.returncode, "requirement not met" in met.stderr) == (0, False), met.stderr
    unmet = command(*lstm, FWCONFORMANCE_REQUIRE="rnn.gru")
    assert unmet.returncode == 3, unmet.stderr
    assert "requirement not met: rnn.gru: required, untested: not run" in unmet.stderr
    assert met.stdout == unmet.stdout


def test_4_an_internal_error_says_where_its_traceback_is(monkeypatch, capsys):
    from fwconformance.cli import _list

    def broken(options: object) -> int:
        raise KeyError("a mistake of ours")

    monkeypatch.setattr(_list, "execute", broken)
    assert main(["list", "claims"]) == Exit.INTERNAL == 4
    errors = capsys.readouterr().err
    assert errors.startswith(
        "fwconformance: error: internal error: KeyError: 'a mistake of ours'; the traceback is in "
    )
    log = pathlib.Path(errors.split("the traceback is in ")[1].split(";")[0])
    assert "a mistake of ours" in log.read_text()
    log.unlink()
    assert main(["list", "claims", "-v"]) == 4
    assert "Traceback" in capsys.readouterr().err


def test_130_interrupted(command):
    running = command.start(*ONE, "--shard", "s.jsonl", MISBEHAVE="import:hang")
    time.sleep(0.2)
    deadline = time.monotonic() + 60
    while not any(b"_child.py" in line for line in children_of(running.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted by SIGINT; nothing was observed yet" in errors
    assert "go on with" not in errors
    assert list(command.folder.iterdir()) == []


def test_130_interrupted_while_the_program_itself_is_imported(monkeypatch, capsys):
    class Importing(types.ModuleType):
        def __getattr__(self, name):
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "fwconformance.cli", Importing("fwconformance.cli"))
    assert __main__.main() == 130
    assert capsys.readouterr().err == "fwconformance: error: interrupted\n"


def test_an_interrupted_fresh_run_that_wrote_nothing_is_not_taken_for_the_older_one(command):
    assert command(*ONE, "--shard", "s.jsonl").returncode == 0
    before = (command.folder / "s.jsonl").read_bytes()
    running = command.start(*ONE, "--shard", "s.jsonl", "--fresh", MISBEHAVE="import:hang")
    deadline = time.monotonic() + 60
    while not any(b"_child.py" in line for line in children_of(running.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    running.send_signal(signal.SIGTERM)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "interrupted by SIGTERM; nothing was observed yet" in errors
    assert "go on with" not in errors
    assert {path.name: path.read_bytes() for path in command.folder.iterdir()} == {"s.jsonl": before}


def test_folders_that_a_journal_is_given_are_said_and_go_where_nothing_is_written(command):
    done = command(*ONE, "--shard", "new/folder/s.jsonl")
    assert done.returncode == 0
    assert f"the folder {command.folder / 'new' / 'folder'} was made for s.jsonl" in done.stderr
    refused = command("run", "--framework", "nosuch", "--python", "/bin/sh", "--shard", "other/folder/s.jsonl")
    assert refused.returncode == 2
    raises = command(*ONE, "--shard", "other/folder/s.jsonl", MISBEHAVE="import:ImportError")
    assert raises.returncode == 2, raises.stderr
    assert [path.name for path in command.folder.iterdir()] == ["new"]


def test_a_wrong_environment_variable_is_named_as_what_it_is(command):
    done = command(*ONE, FWCONFORMANCE_TIMEOUT_PER_CASE="abc")
    assert done.returncode == 2
    said = "the environment variable FWCONFORMANCE_TIMEOUT_PER_CASE: 'abc' is not a number of seconds above 0"
    assert done.stderr == f"fwconformance: error: {said}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_130_interrupted_while_the_suites_are_collected(command, number):
    running = command.start("check")
    deadline = time.monotonic() + 60
    while not any(b"_child.py" in line for line in children_of(running.pid)):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.send_signal(number)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert errors == f"fwconformance: error: interrupted by {number.name}\n"


def children_of(pid: int) -> list[bytes]:
    """Command lines of the children of a process."""
    found = []
    for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            found.append(pathlib.Path(f"/proc/{child}/cmdline").read_bytes())
        except FileNotFoundError:
            continue
    return found


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), None),
        (("nosuch",), "invalid choice: 'nosuch'"),
        (("run",), "--framework"),
        (("run", "--framework", "reference", "--backend", "jax"), "has no backend to choose"),
        (("run", "--framework", "keras", "--backend", "theano"), "it has tensorflow, torch, jax"),
        (("run", "--framework", "reference", "--only", "rnn.lstmm"), "did you mean rnn.lstm?"),
        (("run", "--framework", "reference", "--only", "rnn.lstm:backward"), "it has forward, gradients"),
        (
            ("run", "--framework", "reference", "--only", "layers.conv2d:dilated", "--profile", "smoke"),
            "add --profile standard",
        ),
        (("run", "--framework", "reference", "--only", "backend.is-tensorflow"), "inapplicable to reference"),
        (("run", "--framework", "reference", "--require", "rnn.lstmm"), "no capability 'rnn.lstmm'"),
        (("run", "--framework", "reference", "--resume"), "name it with --shard"),
        (("run", "--framework", "reference", "--timeout-per-case", "0"), "not a number of seconds above 0"),
        (("run", "--framework", "reference", "--python", "/no/such/python"), "there is no such program"),
        (("run", "--framework", "reference", "--python", "/bin/ls"), "/bin/ls: not a Python interpreter"),
        (("run", "--framework", "reference", "--python", "/bin/echo"), "/bin/echo: not a Python interpreter"),
        (("proofs", "--framework", "reference", "--python", "/bin/true"), "/bin/true: not a Python interpreter"),
        (("run", "--framework", "reference", "--fresh"), "name it with --shard"),
        (("run", "--framework", "reference", "--environment", "../.."), "argument --environment: '../..' is no name"),
        (
            ("run", "--framework", "reference", "--label", "Gr\udcf6e"),
            "argument --label: 'Gr\\udcf6e' holds bytes that are no",
        ),
        (("run", "--framework", "reference", "--label", "a\x1b[2Jb"), "holds the control character '\\x1b'"),
        (("run", "--framework", "reference", "--label", "two\nlines"), "holds the control character '\\n'"),
        (
            ("run", "--framework", "reference", "--environment", "Gr\udcf6e"),
            "argument --environment: 'Gr\\udcf6e' is no name",
        ),
        (("run", "--framework", "reference", "--shard", "/dev/null"), "no regular file"),
        (("merge", "no-such.jsonl", "-o", "out"), "there is no such shard"),
        (("merge", ".", "-o", "out"), "holds no shards"),
        (("render", "no-such.json"), "there is no such matrix"),
        (("show", "rnn.lstm", "--matrix", "no-such.json"), "there is no such matrix"),
        (("check", "--claims", "no-such.toml"), "there is no such claim file"),
        (("findings", "--framework", "reference", "--shard", "no-such.jsonl"), "no-such.jsonl"),
        (("proofs", "--framework", "reference", "--jobs", "0"), "at least 1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_bad_input_is_2_and_one_line_on_standard_error(arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(list(arguments)) == Exit.USAGE
    captured = capsys.readouterr()
    if words is None:
        assert "usage: fwconformance" in captured.out
        return
    assert words in captured.err
    assert captured.err.startswith("fwconformance: error: ")
    assert len(captured.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["run", "merge", "render", "show", "list", "check", "findings", "proofs", "suite-revision"]
)
def test_every_command_has_help_with_examples(name, capsys):
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"  fwconformance {name}" in capsys.readouterr().out


def test_descriptions_fill_the_lines(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "82")
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    lines = capsys.readouterr().out.split("\n\n")[1].splitlines()
    assert lines[0].startswith("Run the bundled suites")
    assert all(65 < len(line) <= 80 for line in lines[:-1])
