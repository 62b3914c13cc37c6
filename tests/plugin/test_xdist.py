"""Under xdist: the same observations, one journal, and no case lost with its worker."""

from __future__ import annotations

import pytest

pytest.importorskip("xdist", reason="the tests environment has pytest-xdist")

SUITE = """
import os

@pytest.mark.parametrize("name", [pytest.param(f"c{n}", marks=mark("many.all", f"c{n}")) for n in range(6)])
def test_many(case, name):
    case.level("hardware")
    case.figure("drawn", float(case.rng.random()), "1")
    if name == "c4":
        raise Unsupported(f"none in {__file__}", probe="a look-up")

@pytest.mark.xdist_group("group")
@mark("speed.toy", "timed")
def test_timed(case):
    case.level("hardware")
    case.figure("median", 1.0, "s")
"""

DYING = """
import os, signal

@mark("dies.all", "before")
def test_before(case):
    case.level("hardware")

@mark("dies.all", "dies")
def test_dies(case):
    os.kill(os.getpid(), signal.SIGKILL)

@pytest.fixture
def kills():
    os.kill(os.getpid(), signal.SIGKILL)

@mark("dies.all", "setup")
def test_dies_in_setup(kills):
    pass

@mark("dies.all", "after")
def test_after(case):
    case.level("hardware")
"""


@pytest.fixture
def many(project):
    return project.suites(
        {"many.all": [f"c{number}" for number in range(6)], "speed.toy": ["timed"]}, {"test_many.py": SUITE}
    )


def test_same_observations(many, comparable):
    """Two workers see what one process sees, but for what is timed."""
    alone = many.conformance()
    first = comparable(alone.records())
    (many.folder / "journal.jsonl").unlink()
    together = many.conformance("-n", "2", "--dist", "loadgroup")
    second = comparable(together.records())
    assert first == second
    assert len(first) == 6


def test_nothing_is_timed(many):
    """Timings are unavailable, and no duration is kept."""
    done = many.conformance("-n", "2", "--dist", "loadgroup")
    timed = done.observation("speed.toy:timed")
    assert (timed.outcome.value, timed.message) == ("unavailable", "not timed under xdist")
    assert {each.duration for each in done.shard.observations} == {None}


def test_dead_worker_is_a_crashed_case(project):
    """A worker that dies leaves `crashed` for its case, also where it died in the setup; the others run on."""
    project.suites({"dies.all": ["before", "dies", "setup", "after"]}, {"test_dying.py": DYING})
    done = project.conformance("-n", "2")
    assert done.outcomes == {
        "dies.all:before": "passed",
        "dies.all:dies": "crashed",
        "dies.all:setup": "crashed",
        "dies.all:after": "passed",
    }
    assert done.code == 1
    heard = (done.folder / "heard.txt").read_text().split("\n")
    assert "dies.all:dies crashed" in heard


def test_resumes_with_workers(many):
    """What the journal holds already is not run again by any worker."""
    many.conformance("--fw-only=many.all:c1")
    done = many.conformance("-n", "2", "--fw-resume")
    starts = [record["case"] for record in done.records() if record["record"] == "start"]
    assert sorted(starts) == ["c0", "c1", "c2", "c3", "c4", "c5", "timed"]


def test_faults_are_refused(plain):
    """A planted fault needs one process."""
    done = plain.conformance("-n", "2", "--fw-mutant=anything")
    assert done.code == 4
    assert "one process" in done.output
