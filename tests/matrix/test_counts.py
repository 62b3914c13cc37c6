"""Ratios of exact figures that two columns' shards carry."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.evidence import Figure, Outcome
from fwconformance.matrix import build_matrix, load_matrix
from fwconformance.registry import parse_rule
from fwconformance.verdicts import Answer

WORKS = ("three-steps", "nesterov")
RATIO = {"measure": "train.sgd", "of": "keras", "over": ["pytorch"], "works": list(WORKS), "quantity": "tokens"}


def counted(numbers, **changes):
    """Outcomes of a column that counted `numbers` of the works."""
    return {
        ("train.sgd", work): {
            "outcome": Outcome.PASSED,
            "figures": {"tokens": Figure(value=float(number), unit="1")},
            **changes,
        }
        for work, number in zip(WORKS, numbers)
    }


def judged(world, mine, theirs, **margin):
    claim = attrs.evolve(world.registry.claims["keras.layers"], rule=parse_rule({"ratio": {**RATIO, **margin}}))
    small = world.with_registry(claims={claim.id: claim})
    shards = [small.shard(outcomes=mine), small.shard("torch-cpu", outcomes=theirs)]
    matrices = [build_matrix(order, small.registry) for order in (shards, shards[::-1])]
    assert matrices[0].dumps() == matrices[1].dumps()
    return matrices[0].claim(claim.id)


@pytest.mark.parametrize(
    ("margin", "wanted"),
    [
        ({"above": 1.4}, Answer.CONFIRMED),
        ({"above": 1.5}, Answer.REFUTED),
        ({"at_most": 1.5}, Answer.CONFIRMED),
        ({"at_most": 1.4}, Answer.REFUTED),
    ],
)
def test_the_median_over_the_works_decides_exactly(world, margin, wanted):
    """120 over 100 and 180 over 100: 1.5, which is not above 1.5 and is at most that."""
    row = judged(world, counted((120, 180)), counted((100, 100)), **margin)
    verdict = row.headline("current")
    assert verdict.answer is wanted
    (figure,) = verdict.figures.values()
    assert (figure.value, figure.low, figure.high) == (1.5, None, None)
    assert verdict.scope == ("keras-cpu", "torch-cpu")


@pytest.mark.parametrize(
    ("margin", "mine", "theirs", "wanted"),
    [
        (1.5, 0, 0, Answer.CONFIRMED),
        (1.5, 0, 5, Answer.CONFIRMED),
        (1.5, 0, 25, Answer.INCONCLUSIVE),
        (1.7, 0, 25, Answer.REFUTED),
        (1.7, 20, 0, Answer.INCONCLUSIVE),
    ],
)
def test_what_was_not_tried_counts_for_no_side(world, margin, mine, theirs, wanted):
    """160 over 100: where 25 of the other were not tried, it may be 1.28; where 20 of its own were not, 1.8."""

    def with_untried(number, untried):
        found = counted((number, number))
        for each in found.values():
            each["figures"]["tokens, not tried"] = Figure(value=float(untried), unit="1")
        return found

    row = judged(world, with_untried(160, mine), with_untried(100, theirs), above=margin)
    verdict = row.headline("current")
    assert verdict.answer is wanted
    if mine or theirs:
        (figure,) = verdict.figures.values()
        assert (figure.value, figure.low, figure.high) == (1.6, 160 / (100 + theirs), (160 + mine) / 100)


def test_the_reason_shows_both_counts_of_each_work(world):
    verdict = judged(world, counted((120, 180)), counted((100, 100)), above=1.05).headline("current")
    (part,) = verdict.parts_true
    assert "three-steps 120 against 100" in part.reason
    assert "nesterov 180 against 100" in part.reason


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (counted((120, 180), outcome=Outcome.FAILED, message="it never learned"), counted((100, 100))),
        (counted((120,)), counted((100, 100))),
        (counted((120, 180)), counted((100, 0))),
    ],
    ids=["a program that failed", "a work without a figure", "nothing counted"],
)
def test_without_a_count_of_each_work_on_both_sides_nothing_is_known(world, mine, theirs):
    """What a program that did not do its task counts is nobody's count."""
    verdict = judged(world, mine, theirs, above=1.05).headline("current")
    assert verdict.answer is Answer.UNTESTED
    assert "was not measured: keras over pytorch" in verdict.reason


def test_another_era_is_not_measured_by_it(world):
    verdict = judged(world, counted((120, 180)), counted((100, 100)), above=1.05).headline("2020")
    assert verdict.answer is Answer.UNTESTED


def test_it_survives_being_written_and_read(world, tmp_path):
    claim = attrs.evolve(world.registry.claims["keras.layers"], rule=parse_rule({"ratio": {**RATIO, "above": 1.05}}))
    small = world.with_registry(claims={claim.id: claim})
    shards = [small.shard(outcomes=counted((120, 180))), small.shard("torch-cpu", outcomes=counted((100, 100)))]
    matrix = build_matrix(shards, small.registry)
    path = tmp_path / "matrix.json"
    path.write_text(matrix.dumps(), encoding="utf-8")
    assert load_matrix(path).dumps() == matrix.dumps()
