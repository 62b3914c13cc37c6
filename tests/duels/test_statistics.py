"""Intervals: what they hold, and what they do not mind."""

from __future__ import annotations

import math

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fwconformance.duels import Block, Interval, differs, interval, over_works

ORDERS = st.sampled_from(["ABBA", "BAAB"])
SECONDS = st.floats(1e-6, 1e3)
BLOCKS = st.lists(
    st.builds(
        lambda order, s, build, process: Block(order=order, seconds=s, build=build, process=process),
        ORDERS,
        st.tuples(*[SECONDS] * 4),
        st.integers(0, 4),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=12,
)


def blocks_of(ratios, build=0, process=0):
    return [Block(order="ABBA", seconds=(ratio, 1.0, 1.0, ratio), build=build, process=process) for ratio in ratios]


def pairs_of(ratios):
    """A block for each pair of processes."""
    return [block for number, ratio in enumerate(ratios, 1) for block in blocks_of([ratio], number, number)]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(blocks=BLOCKS)
def test_the_ratio_lies_in_its_interval(blocks):
    found = interval(blocks)
    assert 0 < found.low <= found.ratio <= found.high


@settings(max_examples=20, deadline=None, derandomize=True)
@given(blocks=BLOCKS)
def test_trading_places_inverts_the_ratio(blocks):
    turned = [attrs.evolve(each, order=each.order.translate(str.maketrans("AB", "BA"))) for each in blocks]
    assert interval(turned).ratio == pytest.approx(1 / interval(blocks).ratio)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(start=st.floats(0.1, 10), drift=st.floats(-0.2, 0.2), ratio=st.floats(0.1, 10), order=ORDERS)
def test_an_even_drift_over_a_block_cancels(start, drift, ratio, order):
    """Seconds grow by the same factor from turn to turn."""
    seconds = tuple(start * math.exp(drift * turn) * (ratio if who == "A" else 1.0) for turn, who in enumerate(order))
    assert interval([Block(order=order, seconds=seconds)]).ratio == pytest.approx(ratio)


def test_a_few_disturbed_pairs_do_not_move_it():
    """One in five is cut off at either end."""
    calm, disturbed = pairs_of([1.5] * 10), pairs_of([1.5] * 8 + [9.0] * 2)
    assert interval(disturbed) == interval(calm) == Interval(ratio=1.5, low=1.5, high=1.5)


def test_disturbed_rounds_of_a_build_do_not_move_it():
    blocks = [block for pair in range(1, 7) for block in blocks_of([1.5, 9.0, 1.5], pair, pair)]
    assert interval(blocks).ratio == pytest.approx(1.5)


@pytest.mark.filterwarnings("ignore:Precision loss")  # the other sample is one number, twelve times
def test_it_is_yuens():
    """The ends of a 99 % interval are what SciPy's test by Yuen gives p = 0.01 for, of twelve pairs."""
    ratios = np.random.default_rng(3).normal(0.1, 0.05, size=12)
    found = interval(pairs_of(np.exp(ratios)))
    for end in (found.low, found.high):
        tested = stats.ttest_ind(ratios, np.full(12, math.log(end)), equal_var=False, trim=0.2)
        assert tested.pvalue == pytest.approx(0.01, rel=1e-3)
    assert found.ratio == pytest.approx(math.exp(stats.trim_mean(ratios, 0.2)))


@pytest.mark.parametrize("pairs", [6, 10, 13])
@pytest.mark.parametrize(
    "draw",
    [lambda rng, size: rng.normal(size=size), lambda rng, size: rng.standard_t(3, size=size)],
    ids=["normal", "heavy-tailed"],
)
def test_it_holds_the_true_ratio_as_often_as_it_says(pairs, draw):
    """1,000 sets of pairs that differ by 2 %, of four builds each that differ by as much: of 99 % intervals 97.8 % hold
    1 at least, which is three standard deviations of such a count below.
    """
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(1000):
        ratios = 0.02 * draw(rng, (pairs, 1)) + 0.02 * draw(rng, (pairs, 4))
        blocks = [
            block
            for pair in range(pairs)
            for build in range(4)
            for block in blocks_of(np.exp(ratios[pair, build : build + 1]), 4 * pair + build + 1, pair + 1)
        ]
        found = interval(blocks)
        held += found.low <= 1.0 <= found.high
    assert held >= 978


def test_a_pair_counts_once_however_many_builds_it_had():
    blocks = [*pairs_of([1.0, 1.0, 1.0, 1.0]), *(blocks_of([9.0], 5 + build, 5)[0] for build in range(50))]
    assert interval(blocks).ratio == 1.0


def test_a_build_counts_once_however_many_rounds_it_had():
    blocks = [*blocks_of([1.0], 1, 1), *blocks_of([1.0], 2, 1), *blocks_of([9.0] * 50, 3, 1), *blocks_of([1.0], 4, 2)]
    assert interval(blocks).ratio == 1.0


def test_where_one_pair_is_all_builds_are_what_it_is_over():
    """As in a duel that was cut short, and in files of before there were more."""
    builds = [*blocks_of([1.0, 1.0, 9.0], 1), *blocks_of([1.2], 2), *blocks_of([1.4], 3)]
    assert interval(builds) == interval(pairs_of([1.0, 1.2, 1.4]))
    assert interval(blocks_of([1.0, 1.2, 1.4])) == interval(pairs_of([1.0, 1.2, 1.4]))


def test_two_pairs_are_hardly_an_answer():
    found = interval(pairs_of([1.0, 1.02]))
    assert found.low < 0.6
    assert found.high > 1.7


def test_no_rounds_are_refused():
    with pytest.raises(ValueError, match="no rounds"):
        interval([])


def test_over_works_takes_each_works_ratio_and_then_the_median():
    found = over_works([pairs_of([1.0] * 5), pairs_of([2.0] * 5), pairs_of([8.0] * 5)], seed=0)
    assert (found.low, found.ratio, found.high) == pytest.approx((2.0, 2.0, 2.0))


def test_over_one_work_is_that_works_interval():
    blocks = pairs_of(np.exp(np.random.default_rng(3).normal(size=8)))
    assert over_works([blocks], seed=0) == interval(blocks)


def test_the_same_rounds_and_seed_give_the_same_over_works():
    works = [pairs_of(np.random.default_rng(seed).uniform(0.9, 1.1, size=8)) for seed in range(4)]
    assert over_works(works, seed=5) == over_works(works, seed=5) != over_works(works, seed=6)


def test_over_works_holds_the_true_median_as_often_as_it_says():
    """500 sets of four works whose ratios are 1.0, 1.1, 1.3 and 2.0, eight pairs each: of 99 % intervals 97 % hold the
    median, 1.2 (of logs), at least.
    """
    rng = np.random.default_rng(11)
    true = np.log([1.0, 1.1, 1.3, 2.0])
    middle = math.exp(np.median(true))
    held = 0
    for seed in range(500):
        works = [pairs_of(np.exp(log + rng.normal(0, 0.03, size=8))) for log in true]
        found = over_works(works, seed=seed)
        held += found.low <= middle <= found.high
    assert held >= 485


@pytest.mark.parametrize(
    ("low", "high", "called"),
    [(1.02, 1.03, True), (1.005, 1.03, False), (0.99, 1.2, False), (0.95, 0.98, True), (0.95, 0.995, False)],
)
def test_different_is_what_lies_wholly_outside_the_margin(low, high, called):
    assert differs(Interval(ratio=(low * high) ** 0.5, low=low, high=high)) is called
