"""Which examples Hypothesis draws in a run."""

from __future__ import annotations

import pytest

SUITE = """
from fwconformance.suitekit import given, st

DRAWN = []

@mark("drawn.all", "examples")
@given(number=st.integers(0, 2**40))
def test_examples(case, number):
    DRAWN.append(number)
    case.level("hardware")
    case.figure("examples", len(DRAWN), "1")
    case.figure("sum", float(sum(DRAWN)), "1")
"""


@pytest.fixture
def drawn(project):
    """Runs the suite and gives how many examples were drawn, and their sum."""
    project.suites({"drawn.all": ["examples"]}, {"test_drawn.py": SUITE})

    def draw(*arguments):
        done = project.conformance(*arguments)
        seen = done.observation("drawn.all:examples")
        assert seen.outcome.value == "passed", done.output
        (project.folder / "journal.jsonl").unlink()
        return seen.figures["examples"].value, seen.figures["sum"].value

    return draw


def test_same_examples_in_every_run(drawn):
    assert drawn() == drawn()


def test_other_examples_at_random(drawn):
    """With --fw-random no two runs draw alike."""
    usual, first, second = drawn(), drawn("--fw-random"), drawn("--fw-random")
    assert len({usual[1], first[1], second[1]}) == 3


@pytest.mark.parametrize(("profile", "examples"), [("smoke", 5), ("standard", 20), ("full", 100)])
def test_profile_says_how_many(drawn, profile, examples):
    """A larger profile draws more."""
    assert drawn(f"--fw-profile={profile}")[0] == examples
