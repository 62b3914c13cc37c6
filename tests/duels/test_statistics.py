"""Intervals: what they hold, and what they do not mind."""

from __future__ import annotations

import math

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.duels import Block, Interval, differs, interval, over_works

ORDERS = st.sampled_from(["ABBA", "BAAB"])
SECONDS = st.floats(1e-6, 1e3)
BLOCKS = st.lists(
    st.builds(
        lambda order, s, build: Block(order=order, seconds=s, build=build),
        ORDERS,
        st.tuples(*[SECONDS] * 4),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=12,
)


def blocks_of(ratios, build=0):
    return [Block(order="ABBA", seconds=(ratio, 1.0, 1.0, ratio), build=build) for ratio in ratios]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(blocks=BLOCKS)
def test_the_ratio_lies_in_its_interval(blocks):
    found = interval(blocks, seed=1)
    assert 0 < found.low <= found.ratio <= found.high


@settings(max_examples=20, deadline=None, derandomize=True)
@given(blocks=BLOCKS)
def test_trading_places_inverts_the_ratio(blocks):
    turned = [attrs.evolve(each, order=each.order.translate(str.maketrans("AB", "BA"))) for each in blocks]
    assert interval(turned, seed=1).ratio == pytest.approx(1 / interval(blocks, seed=1).ratio)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(start=st.floats(0.1, 10), drift=st.floats(-0.2, 0.2), ratio=st.floats(0.1, 10), order=ORDERS)
def test_an_even_drift_over_a_block_cancels(start, drift, ratio, order):
    """Seconds grow by the same factor from turn to turn."""
    seconds = tuple(start * math.exp(drift * turn) * (ratio if who == "A" else 1.0) for turn, who in enumerate(order))
    assert interval([Block(order=order, seconds=seconds)], seed=0).ratio == pytest.approx(ratio)


def test_a_few_disturbed_rounds_do_not_move_it():
    calm, disturbed = blocks_of([1.5] * 20), blocks_of([1.5] * 17 + [9.0] * 3)
    assert interval(disturbed, seed=0).ratio == interval(calm, seed=0).ratio == pytest.approx(1.5)


def test_the_same_rounds_and_seed_give_the_same_interval():
    blocks = blocks_of(np.random.default_rng(1).uniform(0.9, 1.1, size=15))
    assert interval(blocks, seed=5) == interval(blocks, seed=5)


def test_it_covers_the_true_ratio_about_as_often_as_it_says():
    """300 sets of 25 rounds around 1: at least 96 % of the 99 % intervals hold 1 (percentile intervals of few rounds
    are a little narrow).
    """
    rng = np.random.default_rng(7)
    held = 0
    for seed in range(300):
        found = interval(blocks_of(np.exp(rng.standard_t(3, size=25) * 0.02)), seed=seed)
        held += found.low <= 1.0 <= found.high
    assert held >= 0.96 * 300


def test_it_covers_the_true_ratio_where_builds_differ_by_more_than_rounds():
    """300 sets of 12 builds, each of four rounds that share a build's own shift: what draws rounds alone would hold 1
    far less often.
    """
    rng = np.random.default_rng(7)
    held = 0
    for seed in range(300):
        blocks = []
        for build in range(1, 13):
            shift = rng.normal(0, 0.03)
            blocks += blocks_of(np.exp(shift + rng.normal(0, 0.005, size=4)), build)
        found = interval(blocks, seed=seed)
        held += found.low <= 1.0 <= found.high
    assert held >= 0.96 * 300


def test_a_build_counts_once_however_many_rounds_it_had():
    blocks = [*blocks_of([1.0], 1), *blocks_of([1.0], 2), *blocks_of([9.0] * 50, 3)]
    assert interval(blocks, seed=0).ratio == 1.0


def test_no_rounds_are_refused():
    with pytest.raises(ValueError, match="no rounds"):
        interval([], seed=0)


def test_over_works_takes_the_median_of_each_work_and_then_of_all():
    found = over_works([blocks_of([1.0] * 5), blocks_of([2.0] * 5), blocks_of([8.0] * 5)], seed=0)
    assert (found.low, found.ratio, found.high) == pytest.approx((2.0, 2.0, 2.0))


@pytest.mark.parametrize(
    ("low", "high", "called"),
    [(1.02, 1.03, True), (1.005, 1.03, False), (0.99, 1.2, False), (0.95, 0.98, True), (0.95, 0.995, False)],
)
def test_different_is_what_lies_wholly_outside_the_margin(low, high, called):
    assert differs(Interval(ratio=(low * high) ** 0.5, low=low, high=high)) is called
