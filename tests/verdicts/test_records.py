"""The fold of dated records."""

from __future__ import annotations

import itertools

import pytest

from fwconformance.evidence import Era
from fwconformance.registry import Record
from fwconformance.verdicts import Truth, fold_records

WANTED = {"supports": Truth.TRUE, "contradicts": Truth.FALSE, "mixed": Truth.MIXED}
ORDER = ["strong", "fair", "weak"]


def record(stance, strength):
    return Record(
        claim="a.b",
        era=Era.CURRENT,
        stance=stance,
        strength=strength,
        date="2020-07-15",
        read="2026-11-22",
        text="It says so.",
        sources=(),
    )


ALL = [record(stance, strength) for stance in WANTED for strength in ORDER]


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.stance}-{one.strength}")
def test_one_record_says_what_it_says(one):
    """Its stance is the truth; only a weak one does not decide."""
    fold = fold_records([one])
    assert fold.truth is WANTED[one.stance]
    assert fold.decides == (one.strength != "weak")


@pytest.mark.parametrize(("one", "other"), list(itertools.product(ALL, repeat=2)))
def test_the_strongest_decides_and_equals_that_disagree_are_mixed(one, other):
    """Every pair, in both orders."""
    fold = fold_records([one, other])
    if one.strength != other.strength:
        winner = min(one, other, key=lambda each: ORDER.index(each.strength))
        assert fold.truth is WANTED[winner.stance]
        assert fold.strength == winner.strength
        assert len(fold.used) == 1
    else:
        assert fold.truth is (WANTED[one.stance] if one.stance == other.stance else Truth.MIXED)
        assert fold.used == (0, 1)
    assert fold_records([other, one]).truth is fold.truth


def test_without_a_record_nothing_is_known():
    """None is invented."""
    fold = fold_records([])
    assert fold.truth is Truth.UNKNOWN
    assert not fold.decides
