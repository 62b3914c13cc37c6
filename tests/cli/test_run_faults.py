"""What a framework may do to its interpreter, and what `fwconformance run` makes of it."""

from __future__ import annotations

import pathlib
import time

import pytest

from fwconformance.evidence import Outcome
from fwconformance.shards import Shard, read_shard

SOME = ("--only", "layers.dense:forward", "--only", "layers.embedding", "--only", "layers.layer-norm:forward")


def seen(shard: Shard) -> dict[str, list[tuple[int, str, str]]]:
    """(attempt, outcome, message) of each case."""
    found: dict[str, list[tuple[int, str, str]]] = {}
    for one in shard.observations:
        name = f"{one.key.capability}:{one.key.case}"
        found.setdefault(name, []).append((one.attempt, one.outcome.value, one.message))
    return found


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("segfault", "SIGSEGV: invalid memory access"),
        ("kill", "SIGKILL: killed, out of memory?"),
        ("exit", "exit code 3"),
    ],
)
def test_a_crash_is_written_down_tried_once_more_alone_and_the_run_goes_on(command, deed, words):
    done = command("run", "--framework", "misbehaving", *SOME, "--shard", "s.jsonl", MISBEHAVE=f"Embedding:{deed}")
    cases = seen(read_shard(command.folder / "s.jsonl"))
    assert done.returncode == 1, done.stderr
    assert cases["layers.dense:forward"] == [(1, "passed", "")]
    assert cases["layers.layer-norm:forward"] == [(1, "passed", "")]
    for case in ("forward", "gradients"):
        assert cases[f"layers.embedding:{case}"] == [(1, "crashed", words), (2, "crashed", words)]
    assert f"new: layers.embedding:forward crashed, alone: {words}" in done.stdout
    assert "once more, alone: layers.embedding:forward" in done.stderr


def test_a_case_that_fell_in_the_run_and_passed_alone_keeps_both_results_and_is_noted(command, tmp_path):
    arguments = ("run", "--framework", "misbehaving", "--only", "layers.embedding:forward", "--shard", "s.jsonl")
    done = command(*arguments, MISBEHAVE="Embedding:once", MARKER=str(tmp_path / "marker"))
    cases = seen(read_shard(command.folder / "s.jsonl"))
    assert cases["layers.embedding:forward"] == [(1, "crashed", "exit code 3"), (2, "passed", "")]
    assert done.returncode == 0, done.stderr
    assert "crashed (exit code 3) in the run, passed alone" in done.stdout


def test_a_hanging_case_is_a_timeout_and_nothing_that_it_started_is_left(command, tmp_path):
    pids = tmp_path / "pids"
    arguments = (
        "run",
        "--framework",
        "misbehaving",
        "--only",
        "layers.embedding:forward",
        "--only",
        "layers.dense:forward",
    )
    limits = ("--timeout-per-case", "3", "--shard", "s.jsonl")
    done = command(*arguments, *limits, MISBEHAVE="Embedding:hang-with-children", PIDS=str(pids))
    cases = seen(read_shard(command.folder / "s.jsonl"))
    assert done.returncode == 1
    words = "no result within 3 s"
    assert cases["layers.embedding:forward"] == [(1, "timeout", words), (2, "timeout", words)]
    assert cases["layers.dense:forward"] == [(1, "passed", "")]
    started = [int(line) for line in pids.read_text().split()]
    assert len(started) == 4  # two in each attempt, one of them in a session of its own
    for pid in started:
        assert gone(pid), f"process {pid} is still there"


def gone(pid: int) -> bool:
    """Whether a process ended; one that its new parent has not reaped yet has."""
    for _ in range(50):
        try:
            status = pathlib.Path(f"/proc/{pid}/stat").read_text()
        except FileNotFoundError:
            return True
        if status.rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.1)
    return False


def test_an_import_that_kills_the_interpreter_is_a_crash_of_every_case_and_ends(command):
    arguments = ("run", "--framework", "misbehaving", "--only", "layers.embedding", "--shard", "s.jsonl")
    done = command(*arguments, MISBEHAVE="import:segfault")
    shard = read_shard(command.folder / "s.jsonl")
    words = "SIGSEGV: invalid memory access, while importing misbehaving"
    assert done.returncode == 1, done.stderr
    assert seen(shard) == {
        f"layers.embedding:{case}": [(1, "crashed", words), (2, "crashed", words)] for case in ("forward", "gradients")
    }
    assert shard.header.versions["misbehaving"] == "1.0"
    assert done.stdout.splitlines()[-1] == "NOTHING VERIFIED: no case passed: 4 crashed"


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        ("ImportError", "ImportError: libmisbehaving.so.1: cannot open shared object file"),
        ("raise", "RuntimeError: the library is of another version"),
    ],
)
def test_an_import_that_raises_is_bad_input_and_says_what_it_raised(command, deed, words):
    done = command("run", "--framework", "misbehaving", "--shard", "s.jsonl", MISBEHAVE=f"import:{deed}")
    assert done.returncode == 2
    assert "importing misbehaving in" in done.stderr
    assert words in done.stderr
    assert "pip install misbehaving" in done.stderr
    assert not (command.folder / "s.jsonl").exists()


def test_an_import_that_hangs_is_a_timeout_of_every_case(command):
    arguments = ("run", "--framework", "misbehaving", "--only", "layers.embedding:forward", "--shard", "s.jsonl")
    done = command(*arguments, "--timeout-start", "3", MISBEHAVE="import:hang")
    assert done.returncode == 1, done.stderr
    (one, two) = read_shard(command.folder / "s.jsonl").observations
    assert (one.outcome, two.outcome) == (Outcome.TIMEOUT, Outcome.TIMEOUT)
    assert one.message == "no result within 3 s, while importing misbehaving"


def test_a_wrong_result_is_a_new_failure(command):
    done = command("run", "--framework", "misbehaving", *SOME, MISBEHAVE="Embedding:wrong")
    assert done.returncode == 1
    assert "layers.embedding" in done.stdout
    assert "failing" in done.stdout
    assert "new: layers.embedding:forward failed: " in done.stdout


def test_without_a_cuda_device_nothing_is_verified_and_the_run_ends_well(command):
    if any(pathlib.Path(path).exists() for path in ("/dev/nvidiactl", "/dev/kfd")):
        pytest.skip("this machine has a GPU")
    done = command("run", "--framework", "misbehaving", "--device", "cuda")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "NOTHING VERIFIED: no CUDA device"
    assert "untested" in done.stdout
    assert "supported " not in done.stdout
