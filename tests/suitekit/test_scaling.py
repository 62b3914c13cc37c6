"""Ratios of throughput."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.suitekit import compare
from fwconformance.suitekit._scaling import _seconds

rates = st.lists(st.floats(1.0, 1e6), min_size=1, max_size=30)


@settings(deadline=None)  # thousands of medians on a busy machine
@given(rates, rates, st.integers(0, 5))
def test_the_interval_lies_within_what_was_seen(above, below, seed):
    """And its ends are in order."""
    ratio = compare(above, below, np.random.default_rng(seed))
    lowest, highest = min(above) / max(below), max(above) / min(below)
    assert lowest * (1 - 1e-9) <= ratio.low <= ratio.high <= highest * (1 + 1e-9)
    assert lowest * (1 - 1e-9) <= ratio.value <= highest * (1 + 1e-9)


def test_steady_rates_leave_no_doubt():
    ratio = compare([300.0] * 10, [100.0] * 10, np.random.default_rng(0))
    assert (ratio.low, ratio.value, ratio.high) == (3.0, 3.0, 3.0)


def test_noise_widens_the_interval():
    rng = np.random.default_rng(0)
    calm, wild = (100.0 + spread * rng.normal(size=22) for spread in (1.0, 20.0))
    narrow = compare(calm, [100.0] * 22, np.random.default_rng(1))
    wide = compare(wild, [100.0] * 22, np.random.default_rng(1))
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low) > 0


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(0).uniform(1, 2, size=20)
    one, other = (compare(values, values[::-1], np.random.default_rng(7)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("seconds", "loss", "said"),
    [
        (["0.5"], 1.0, "1 steps were timed, 2 were asked for"),
        (["0.5", "0.0"], 1.0, "a step took no time"),
        (["0.5", "nan"], 1.0, "a step took no time"),
        (["0.5", "0.25"], float("nan"), "the loss after the last step is nan"),
    ],
)
def test_times_that_cannot_be_are_told(seconds, loss, said):
    with pytest.raises(AssertionError, match=said):
        _seconds({"seconds": seconds, "loss": np.array(loss)}, 2)


def test_times_come_as_decimal_strings():
    assert _seconds({"seconds": [repr(0.1), "0.25"], "loss": np.array(1.0)}, 2) == [0.1, 0.25]
