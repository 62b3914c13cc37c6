"""`fwconformance duel` and `duels`, as typed."""

from __future__ import annotations

import json
import signal
import sys
import time

import pytest

from fwconformance.cli._duel import sentence
from fwconformance.cli._errors import CommandError
from fwconformance.cli._tax import written_works
from fwconformance.registry import fixtures_dir
from fwconformance.works import WORKS

HERE = f"reference={sys.executable}"
#: Environments that claims compare, each with this interpreter.
COMPARED = tuple(
    part
    for name in ("caffe-cpu", "keras-cpu", "mxnet-cpu", "tensorflow-cpu", "torch-cpu")
    for part in ("--python", f"{name}={sys.executable}")
)
QUICK = ("--budget", "0.3", "--pairs", "2", "--threads", "1", "--python", HERE)


def test_a_duel_prints_one_sentence_and_keeps_the_rounds(command):
    ran = command("duel", "reference", "reference", "--work", "lenet5-inference", *QUICK, "--save", "d.jsonl")
    assert ran.returncode == 0
    assert ran.stdout.startswith("lenet5-inference: reference takes ")
    assert ran.stdout.count("\n") == 1
    (line,) = (command.folder / "d.jsonl").read_text().splitlines()
    assert json.loads(line)["work"] == "lenet5-inference"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("reference", "reference", "--work", "alexnet"), "there is no work 'alexnet'; there are mlp-inference-1"),
        (("reference", "nowhere", "--work", "mlp-train"), "nowhere is no environment; there are "),
        (("torch-cpu", "reference", "--work", "mlp-train"), "tox run -e torch-cpu --notest"),
        (("reference", "reference", "--work", "mlp-train", "--threads", "9999"), "--threads 9999"),
        (("reference", "reference", "--work", "mlp-train", "--budget", "0"), "not a number of seconds above 0"),
        (("reference", "reference", "--work", "mlp-train", "--python", "reference"), "say ENVIRONMENT=EXE"),
        (
            ("reference", "reference", "--work", "mlp-train", "--python", "nope=EXE"),
            "nope is no contestant; there are",
        ),
        (("reference", "reference", "--work", "mlp-train", "--python", "torch-cpu=EXE"), "torch-cpu is no contestant"),
        (("reference", "reference", "--work", "mlp-train", "--width", "-1"), "'-1' is not a number above 0"),
        (("reference", "reference", "--work", "mlp-train", "--pairs", "1"), "'1' is not a whole number of 2 or more"),
        (("reference", "reference", "--work", "mlp-train", "--save", "nosuch/d.jsonl"), "there is no folder"),
        (("reference", "reference", "--work", "mlp-train", "--save", "."), "is no regular file"),
    ],
)
def test_what_cannot_be_is_said_with_what_to_do(command, arguments, says):
    ran = command("duel", "--python", HERE, *arguments)
    assert ran.returncode == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("duel", "reference:jit", "reference"),
        ("campaign", "reference:jit", "--count", "1", "-o", "d.jsonl"),
        ("duels", "--pair", "reference", "reference:jit", "-o", "d.jsonl"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_mode_that_is_not_there_is_a_mistake_of_the_users(command, arguments):
    ran = command(*arguments, "--work", "mlp-train", *QUICK)
    assert ran.returncode == 2
    assert "has no mode 'jit'; it has default, best" in ran.stderr


@pytest.mark.parametrize("arguments", [("duels", "--pair", "reference", "reference"), ("tax", "reference")])
def test_an_interpreter_of_no_environment_is_refused_in_a_session(command, arguments):
    """One of an environment that takes no part is fine."""
    here = ("--python", HERE, "--python", f"torch-cpu={sys.executable}", "--python", "nope=EXE")
    ran = command(*arguments, "-o", "d.jsonl", "--work", "mlp-train", *here)
    assert ran.returncode == 2
    assert "nope is no environment; there are " in ran.stderr


@pytest.mark.parametrize("text", ["# A project\n", "# A project"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("duel", "reference", "reference", "--save"),
        ("duels", "--pair", "reference", "reference", "-o"),
        ("campaign", "reference", "--count", "1", "-o"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_somebodys_file_is_refused_before_anything_is_measured(command, arguments, text):
    (command.folder / "README.md").write_text(text)
    ran = command(*arguments, "README.md", "--work", "mlp-train", "--budget", "1000", "--python", HERE, timeout=60)
    assert ran.returncode == 2
    assert "README.md:1: " in ran.stderr
    assert f"the file is none of duels; name another file with {arguments[-1]}" in ran.stderr
    assert "mend" not in ran.stderr
    assert (command.folder / "README.md").read_text() == text


def test_a_file_whose_last_line_was_cut_off_is_gone_on_with(command):
    session = ("duels", "-o", "d.jsonl", "--work", "mlp-inference-1", "--pair", "reference", "reference", *QUICK)
    assert command(*session).returncode == 0
    file = command.folder / "d.jsonl"
    file.write_text(file.read_text() + file.read_text().splitlines()[-1][:300])
    again = command(*session, "--seed", "1")
    assert again.returncode == 0, again.stderr
    assert "d.jsonl:3: the last line is incomplete (its writer was interrupted): left out" in again.stderr
    records = [json.loads(line)["record"] for line in file.read_text().splitlines()]
    assert records == ["limits", "duel", "limits", "duel"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_a_duel_with_what_was_measured(command, tmp_path, number):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    duel = ("duel", "reference", "reference", "--work", "mlp-inference-1", "--threads", "1", "--python", HERE)
    # So narrow that it is never reached.
    running = command.start(*duel, "--budget", "600", "--width", "1e-9", "--save", "d.jsonl", TMPDIR=str(scratch))
    deadline = time.monotonic() + 60
    while not list(scratch.glob("fwconformance-duel-*")):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(8)
    running.send_signal(number)
    output, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert list(scratch.iterdir()) == []
    if not output:  # so slow a machine that no round was over
        assert errors == f"fwconformance: error: interrupted by {number.name}\n"
        return
    assert "ended by interrupted" in output
    (line,) = (command.folder / "d.jsonl").read_text().splitlines()
    assert json.loads(line)["stopped"] == "interrupted"


def test_a_session_says_what_is_held_and_goes_on_where_it_was(command):
    session = ("duels", "-o", "d.jsonl", "--work", "lenet5-inference", "--pair", "reference", "reference", *QUICK)
    first = command(*session)
    assert first.returncode == 0
    assert "1 of 1: reference against reference, lenet5-inference" in first.stderr
    assert "1 duels held" in first.stdout
    assert "0 duels held" in command(*session).stdout
    records = [json.loads(line)["record"] for line in (command.folder / "d.jsonl").read_text().splitlines()]
    assert records == ["limits", "duel"]


def test_without_a_pair_it_is_what_claims_rest_on(command):
    """And a control. None of these interpreters has the framework: each duel that is not held is said."""
    works = ("--work", "mlp-train", "--work", "lenet5-inference", "--work", "lenet5-inference-1")
    ran = command("duels", "-o", "d.jsonl", *works, "--budget", "20", *COMPARED)
    assert ran.returncode == 1
    assert "8 duels to hold, 3 minutes where each takes its whole budget" in ran.stderr
    assert [line.split(": ")[1].split(" (")[0] for line in ran.stderr.splitlines() if " of 8: " in line] == [
        "keras-cpu against torch-cpu, mlp-train",
        "keras-cpu against mxnet-cpu, mlp-train",
        "tensorflow-cpu against caffe-cpu, lenet5-inference",
        "tensorflow-cpu:best against caffe-cpu:best, lenet5-inference",
        "keras-cpu against torch-cpu, lenet5-inference",
        "keras-cpu against mxnet-cpu, lenet5-inference",
        "tensorflow-cpu against tensorflow-cpu, mlp-train",
        "tensorflow-cpu against tensorflow-cpu, lenet5-inference",
    ]
    assert "0 duels held, 8 could not be" in ran.stdout


def test_a_work_that_no_claim_rests_on_is_said(command):
    of_2020 = [
        word
        for name in ("keras-2020-cpu", "mxnet-2020-cpu", "tensorflow-2020-cpu", "torch-2020-cpu")
        for word in ("--python", f"{name}={sys.executable}")
    ]
    ran = command("duels", "-o", "d.jsonl", "--work", "vgg-a-train", *COMPARED, *of_2020)
    assert ran.returncode == 2
    assert "no claim rests on a duel on vgg-a-train; add --all, or name a --pair" in ran.stderr


def test_where_nothing_is_built_there_is_nothing_to_compare(command):
    ran = command("duels", "-o", "d.jsonl")
    assert ran.returncode == 2
    assert "no two environments to compare are built; build what was left out" in ran.stderr


def test_environments_that_are_not_built_are_left_out_of_a_session_and_said_once(command):
    here = ("--python", f"torch-cpu={sys.executable}", "--python", f"keras-cpu={sys.executable}")
    ran = command("duels", "-o", "d.jsonl", "--work", "mlp-train", "--work", "mlp-inference", *here)
    assert ran.stderr.count("left out: mxnet-cpu has no interpreter at ") == 1
    assert "1 of 4: keras-cpu against torch-cpu, mlp-train" in ran.stderr


def test_a_pair_that_is_named_must_be_built(command):
    ran = command("duels", "-o", "d.jsonl", "--pair", "torch-cpu", "mxnet-cpu")
    assert ran.returncode == 2
    assert "torch-cpu has no interpreter" in ran.stderr


def test_the_suites_own_tax_is_held_against_a_program_by_hand(command):
    """With a control, and gone on with like any session."""
    session = (
        "tax",
        "reference",
        "-o",
        "t.jsonl",
        "--work",
        "mlp-inference-1",
        "--python",
        HERE,
        "--budget",
        "1",
        "--pairs",
        "2",
    )
    first = command(*session)
    assert first.returncode == 0
    assert "1 of 2: reference against reference by reference.py, mlp-inference-1" in first.stderr
    assert "2 of 2: reference against reference, mlp-inference-1" in first.stderr
    assert "0 duels held" in command(*session).stdout


def test_a_work_that_the_program_by_hand_lacks_is_a_fault(command):
    ran = command(
        "tax", "reference", "-o", "t.jsonl", "--work", "lenet5-train", "--python", HERE, "--budget", "1", "--pairs", "2"
    )
    assert ran.returncode == 1
    assert "the program by hand has no lenet5; it has mlp" in ran.stderr


def test_a_framework_without_a_program_by_hand_is_said(command):
    ran = command("tax", "caffe2-cpu", "-o", "t.jsonl", "--python", f"caffe2-cpu={sys.executable}")
    assert ran.returncode == 2
    assert "there is no program by hand for caffe2" in ran.stderr


def test_a_file_that_holds_something_else_is_named(command):
    (command.folder / "d.jsonl").write_text("hello\n")
    ran = command("duels", "-o", "d.jsonl", "--work", "mlp-train", "--pair", "reference", "reference", *QUICK)
    assert ran.returncode == 2
    assert "d.jsonl:1: " in ran.stderr


def test_works_are_listed(command):
    ran = command("list", "works")
    assert "caffenet-train" in ran.stdout
    assert ran.returncode == 0


@pytest.mark.parametrize("program", sorted((fixtures_dir() / "performance").glob("*.py")), ids=lambda path: path.stem)
def test_a_program_by_hand_says_which_works_it_does(program):
    """It is read, not run: its framework is not here."""
    families = written_works(program)
    assert families
    assert all(f"{family}-train" in WORKS for family in families)


def test_a_program_that_does_not_say_is_refused(tmp_path):
    program = tmp_path / "caffe.py"
    program.write_text("MODES = {}\n")
    with pytest.raises(CommandError, match="needs WORKS, a tuple of their names"):
        written_works(program)


@pytest.mark.parametrize(
    ("others", "said"), [(None, ""), (0.04, ""), (0.35, ", while others kept 0.3 processors busy")]
)
def test_what_others_did_meanwhile_is_said_where_it_matters(others, said):
    from fwconformance.duels import Block, Contestant, Duel

    side = Contestant(
        environment="torch-cpu",
        framework="pytorch",
        backend="",
        device="cpu",
        mode="default",
        means="",
        best=False,
        versions={},
        threads=2,
    )
    duel = Duel(
        work="mlp-train",
        a=side,
        b=side,
        seed=0,
        calls=(1, 1),
        blocks=tuple(Block(order="ABBA", seconds=(1.0,) * 4, build=each, process=each) for each in range(1, 9)),
        ratio=1.0,
        low=0.99,
        high=1.01,
        confidence=0.99,
        stopped="width",
        started="2026-01-31T12:00:00Z",
        seconds=1.0,
        machine="a processor",
        others=others,
    )
    assert sentence(duel).endswith(f"8 pairs of processes, ended by width{said})")
