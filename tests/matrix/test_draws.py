"""Ratios of figures that two columns drew under the same seeds."""

from __future__ import annotations

import math

import attrs
import pytest

from fwconformance.evidence import Figure, Outcome
from fwconformance.matrix import build_matrix
from fwconformance.registry import parse_rule
from fwconformance.verdicts import Answer

WORKS = ("three-steps", "nesterov")
RATIO = {"measure": "train.sgd", "of": "keras", "over": ["pytorch"], "works": list(WORKS), "quantity": "error"}


def drawn(*draws):
    """Outcomes of a column: for each work its draws."""
    return {
        ("train.sgd", work): {
            "outcome": Outcome.PASSED,
            "figures": {
                "error": Figure(value=sum(values) / len(values), unit="1"),
                **{
                    f"error, draw {number}": Figure(value=value, unit="1")
                    for number, value in enumerate(values, start=1)
                },
            },
        }
        for work, values in zip(WORKS, draws)
    }


def judged(world, mine, theirs, **margin):
    claim = attrs.evolve(world.registry.claims["keras.layers"], rule=parse_rule({"ratio": {**RATIO, **margin}}))
    small = world.with_registry(claims={claim.id: claim})
    shards = [small.shard(outcomes=mine), small.shard("torch-cpu", outcomes=theirs)]
    return build_matrix(shards, small.registry).claim(claim.id).headline("current")


def test_pairs_that_agree_decide(world):
    """Draws that vary much, and each twice as large on one side: the pairs' ratios do not vary at all."""
    half = ((0.1, 0.3, 0.9), (0.2, 0.1, 0.5))
    verdict = judged(world, drawn(*[[2 * each for each in one] for one in half]), drawn(*half), above=1.05)
    assert verdict.answer is Answer.CONFIRMED
    (figure,) = verdict.figures.values()
    assert figure.value == pytest.approx(2)
    assert (figure.low, figure.high) == (pytest.approx(2), pytest.approx(2))


def test_the_interval_is_students_of_the_mean_logarithm(world):
    """Three pairs of two works, computed by hand."""
    mine, theirs = ((1.0, 2.0, 4.0), (1.0, 1.0, 1.0)), ((1.0, 1.0, 1.0), (1.0, 1.0, 1.0))
    verdict = judged(world, drawn(*mine), drawn(*theirs), above=1.05)
    (figure,) = verdict.figures.values()
    step = math.log(2) / 2
    assert figure.value == pytest.approx(math.exp(step))
    assert figure.low == pytest.approx(math.exp(step - 9.925 * step / math.sqrt(3)), rel=1e-3)
    assert figure.high == pytest.approx(math.exp(step + 9.925 * step / math.sqrt(3)), rel=1e-3)
    assert verdict.answer is Answer.INCONCLUSIVE


def test_it_refutes_where_the_interval_lies_below_the_margin(world):
    same = ((0.1, 0.3, 0.9), (0.2, 0.1, 0.5))
    assert judged(world, drawn(*same), drawn(*same), above=1.05).answer is Answer.REFUTED


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (drawn((1.0, 2.0, 3.0), (1.0, 2.0, 3.0)), drawn((1.0, 2.0), (1.0, 2.0))),
        (drawn((1.0, 2.0), (1.0, 2.0)), drawn((1.0, 2.0), (1.0, 2.0))),
        (drawn((1.0, 2.0, 3.0), (1.0, 2.0, 3.0)), drawn((1.0, 2.0, 3.0), (1.0, 0.0, 3.0))),
        (drawn((1.0, 2.0, 3.0)), drawn((1.0, 2.0, 3.0), (1.0, 2.0, 3.0))),
    ],
    ids=["other draws", "two draws", "a zero", "a work without any"],
)
def test_without_the_same_draws_on_both_sides_nothing_is_known(world, mine, theirs):
    verdict = judged(world, mine, theirs, above=1.05)
    assert verdict.answer is Answer.UNTESTED
    assert "was not measured: keras over pytorch" in verdict.reason
