"""The case fixture: what `assert_close` refuses, and that numbers depend on nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from fwconformance.evidence import Profile
from fwconformance.plugin._case import Case
from fwconformance.registry import Tolerance


def make(capability="a.b", case="c", seed=1, tolerance=True):
    return Case(
        capability=capability,
        case=case,
        tolerance=Tolerance(rtol=1e-3, atol=1e-2, because="a test") if tolerance else None,
        profile=Profile.SMOKE,
        seed=seed,
        temporary=lambda: None,
    )


@pytest.mark.parametrize(
    ("actual", "expected", "said"),
    [
        (
            [1.0, 2.0],
            [1.0, 2.5],
            r"outputs: 1 of 2 values differ; worst at \[1\]: 2, expected 2.5, off by 0.5, allowed 0.0125",
        ),
        ([1.0, np.nan], [1.0, 2.0], r"outputs: NaN in 1 of 2 values, first at \[1\]"),
        ([1.0, np.inf], [1.0, 2.0], "values differ"),
        ([1.0, 2.0], [1.0, np.inf], "values differ"),
        ([np.inf], [-np.inf], "values differ"),
        ([1.0], [1.0, 2.0], r"shape \(1,\), expected \(2,\)"),
        ([], [1.0], r"shape \(0,\)"),
        ([1], [1.0], "dtype int64"),
        ([True], [1], "dtype bool"),
        (3.0, 4.0, "worst at the scalar"),
        ({"a": [1.0]}, {"a": [1.0], "b": [1.0]}, "were expected"),
        ({"a": [1.0]}, {"a": [2.0]}, "outputs: a: 1 of 1 values differ"),
        ([1.0], {"a": [1.0]}, "no mapping"),
    ],
)
def test_difference_is_an_assertion(actual, expected, said):
    """What the framework got wrong fails, and the message says where and how far."""
    with pytest.raises(AssertionError, match=said):
        make().assert_close(actual, expected)


@pytest.mark.parametrize(
    ("expected", "said"), [([np.nan], "holds NaN"), ([], "nothing to compare"), ({}, "nothing to compare")]
)
def test_comparison_that_shows_nothing_is_our_fault(expected, said):
    """An oracle that says nothing is no failure of the framework."""
    with pytest.raises(ValueError, match=said):
        make().assert_close(expected, expected)


def test_capability_without_tolerance_cannot_compare():
    with pytest.raises(ValueError, match="declares no tolerance"):
        make(tolerance=False).assert_close([1.0], [1.0])


def test_oracle_may_be_wider():
    """float32 against float64, and equal infinities, are comparable."""
    case = make()
    case.assert_close(np.float32([1, np.inf]), np.float64([1, np.inf]))
    assert case.compared == 1


def test_largest_error_is_kept_over_all_comparisons():
    case = make()
    case.assert_close([1.0, 1.0], [1.0, 1.005])
    case.assert_close([1.0], [1.001])
    assert case.figures["largest-error"].value == pytest.approx(0.005)
    assert 0 < case.figures["tolerance-used"].value < 1


@given(npst.arrays(np.float64, st.integers(1, 5), elements=st.floats(-1e6, 1e6)), st.floats(0, 3))
def test_tolerance_is_the_border(expected, share):
    """Within ``atol + rtol * |expected|`` passes, beyond it fails."""
    actual = expected + share * (1e-2 + 1e-3 * np.abs(expected))
    if share < 0.999:
        make().assert_close(actual, expected)
    elif share > 1.001:
        with pytest.raises(AssertionError):
            make().assert_close(actual, expected)


def test_numbers_depend_on_seed_capability_and_case_alone():
    """The same case draws the same numbers whatever ran before it; any other draws others."""
    draws = {make(*key).rng.random() for key in [("a.b", "c", 1), ("a.b", "c", 2), ("a.b", "d", 1), ("a.c", "c", 1)]}
    assert len(draws) == 4
    assert make().rng.random() == make().rng.random()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_figure_is_finite(value):
    with pytest.raises(ValueError, match="finite"):
        make().figure("x", value, "s")


@pytest.mark.parametrize("words", [("", "Celu", "why"), ("lacking", "", "why"), ("lacking", "Celu", " \n")])
def test_detail_says_something(words):
    with pytest.raises(ValueError, match="one is empty"):
        make().detail(*words)


def test_figure_has_a_unit():
    with pytest.raises(ValueError, match="no unit"):
        make().figure("x", 1.0, "")
