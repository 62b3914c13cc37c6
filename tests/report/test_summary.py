"""The summary for a terminal."""

from __future__ import annotations

import re

import pytest

from fwconformance.evidence import Outcome
from fwconformance.matrix import build_matrix
from fwconformance.report import summary

FAILED = {
    "outcome": Outcome.FAILED,
    "message": "outputs differ by far more than the tolerance of this capability allows",
}


@pytest.fixture
def matrix(world):
    shards = [
        world.shard(outcomes={("train.sgd", "nesterov"): FAILED, ("layers.dense", "forward"): FAILED}),
        world.shard("keras-jax-cpu", versions={"keras": "3.0.0"}),
    ]
    return build_matrix(shards, world.registry, expected_environments=["torch-cpu"])


def test_it_counts_statuses_by_environment(matrix):
    """Of the capabilities that have tests."""
    lines = summary(matrix).splitlines()
    assert lines[0].split() == [
        "environment",
        "supported",
        "partial",
        "unsupported",
        "failing",
        "inapplicable",
        "untested",
    ]
    assert lines[1].split() == ["keras-cpu", "1", "1", "0", "1", "0", "0"]
    assert lines[2].split() == ["keras-jax-cpu", "3", "0", "0", "0", "0", "0"]
    assert lines[3].split() == ["torch-cpu", "0", "0", "0", "0", "1", "2"]


def test_it_counts_answers_by_era(matrix):
    """Headlines alone, in both eras."""
    text = summary(matrix)
    assert "claims, current: 2 partly, 4 untested" in text
    assert "claims, 2020: 1 confirmed, 5 untested" in text


def test_it_says_who_did_not_report_and_who_decides_no_claim(matrix):
    """In words."""
    text = summary(matrix)
    assert "torch-cpu: no report" in text
    assert "keras-jax-cpu: decides no claim: keras is 3.0.0" in text


def test_it_names_new_faults_with_the_command_for_each(matrix):
    """Down to the case."""
    text = summary(matrix)
    assert "new faults without a known finding: 2" in text
    assert "fwconformance run --framework keras --backend tensorflow --only train.sgd:nesterov" in text


def test_a_finding_that_no_longer_reproduces_is_named(world):
    """It has to be removed."""
    finding = {"id": "keras-dense-nan", "reproduced": False, "message": "it is gone"}
    text = summary(build_matrix([world.shard(findings=[finding])], world.registry))
    assert "keras-cpu: the finding keras-dense-nan no longer reproduces: remove it" in text


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_no_line_but_a_command_is_wider_than_the_terminal(matrix, width):
    """It can be read in a narrow one."""
    for line in summary(matrix, width=width).splitlines():
        assert len(line) <= width or line.startswith("    fwconformance run")


def test_a_narrow_terminal_gets_the_same_counts(matrix):
    """As a list in place of a table."""
    text = summary(matrix, width=40)
    assert "keras-cpu\n  1 supported\n  1 partial\n  1 failing\n" in text


def test_colour_comes_only_when_asked_for_and_adds_nothing_else(matrix):
    """The words are the same with and without."""
    plain, coloured = summary(matrix), summary(matrix, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain


def test_nothing_measured_is_said_to_be_nothing(world):
    """Not an empty table."""
    assert summary(build_matrix([], world.registry)).startswith("No environment was measured.")


def test_many_faults_are_counted_not_listed(world):
    """Twenty are listed."""
    outcomes = {
        (one.id, case.id): Outcome.BROKEN for one in world.registry.active() for case in one.cases if case.id != "wide"
    }
    shards = [world.shard(outcomes=outcomes, label=f"box {n}", run=str(n), path=f"{n}.jsonl") for n in range(6)]
    text = summary(build_matrix(shards, world.registry))
    assert "without a known finding: 30" in text
    assert "  ... and 10 more" in text
