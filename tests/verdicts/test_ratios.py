"""Measured ratios against a margin."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.evidence import Era, Figure, Level
from fwconformance.registry import Ratio
from fwconformance.verdicts import Counted, MeasuredRatio, Truth
from fwconformance.verdicts._ratios import against_margin, fold_ratio


def rule(**changes):
    fields = {"measure": "performance.time", "of": "keras", "over": ("pytorch", "mxnet"), "works": ("mlp", "lstm")}
    return Ratio(**{**fields, "quantity": "time", "above": 1.05, **changes})


def measured(over, low, high, **changes):
    fields = {
        "measure": "performance.time",
        "quantity": "time",
        "of": "keras",
        "over": over,
        "mode": "default",
        "works": ("lstm", "mlp"),
        "era": Era.CURRENT,
        "device": "cpu",
        "figure": Figure(value=(low + high) / 2, unit="1", low=low, high=high),
        "level": Level.HARDWARE,
        "environments": ("keras-cpu", f"{over}-cpu"),
    }
    return MeasuredRatio(**{**fields, **changes})


@pytest.mark.parametrize(
    ("low", "high", "above", "at_most"),
    [
        (1.06, 1.2, Truth.TRUE, Truth.FALSE),
        (1.0, 1.05, Truth.FALSE, Truth.TRUE),
        (1.05, 1.05, Truth.FALSE, Truth.TRUE),
        (1.05, 1.2, Truth.STRADDLES, Truth.STRADDLES),
        (1.0, 1.1, Truth.STRADDLES, Truth.STRADDLES),
    ],
)
def test_the_bound_of_the_interval_decides(low, high, above, at_most):
    """Above needs the lower bound beyond the margin, at most the upper bound within it."""
    figure = Figure(value=1.04, unit="1", low=low, high=high)
    assert against_margin(rule(), figure) is above
    assert against_margin(rule(above=None, at_most=1.05), figure) is at_most


def test_a_point_estimate_decides_nothing():
    """Without an interval there is no bound."""
    assert against_margin(rule(), Figure(value=2.0, unit="1")) is Truth.UNKNOWN


def test_it_must_hold_over_all_others_unless_some_are_enough():
    """`some = 1` is "slower than some of the others"."""
    both = [measured("pytorch", 1.2, 1.3), measured("mxnet", 0.7, 0.8)]
    assert fold_ratio(rule(), both).truth is Truth.FALSE
    assert fold_ratio(rule(some=1), both).truth is Truth.TRUE


def test_modes_are_decided_each_by_itself():
    """Slower in one mode and not in the other is partly."""
    modes = [
        measured("pytorch", 1.2, 1.3, mode="eager"),
        measured("pytorch", 0.7, 0.8, mode="compiled"),
    ]
    fold = fold_ratio(rule(over=("pytorch",), modes=("eager", "compiled")), modes)
    assert fold.truth is Truth.MIXED


def test_a_pair_that_was_not_measured_is_named():
    """And is unknown, not false."""
    fold = fold_ratio(rule(), [measured("pytorch", 1.2, 1.3)])
    assert fold.truth is Truth.UNKNOWN
    assert fold.lacking == (("mxnet", "default"),)


@pytest.mark.parametrize(
    "change", [{"works": ("mlp",)}, {"quantity": "memory"}, {"measure": "performance.memory"}, {"mode": "compiled"}]
)
def test_a_ratio_of_something_else_is_not_what_was_asked_for(change):
    """Other works, another quantity, another measure or another mode do not count."""
    fold = fold_ratio(rule(over=("pytorch",)), [measured("pytorch", 1.2, 1.3, **change)])
    assert fold.truth is Truth.UNKNOWN


def test_two_measurements_of_one_ratio_are_refused():
    """There is no best-of."""
    twice = [measured("pytorch", 1.2, 1.3), measured("pytorch", 0.9, 1.3)]
    with pytest.raises(ValueError, match="measured twice"):
        fold_ratio(rule(over=("pytorch",)), twice)


@pytest.mark.parametrize(
    ("value", "above", "at_most"),
    [(1.06, Truth.TRUE, Truth.FALSE), (1.05, Truth.FALSE, Truth.TRUE), (1.0, Truth.FALSE, Truth.TRUE)],
)
def test_an_exact_ratio_needs_no_interval(value, above, at_most):
    """A count of tokens is known: it never straddles."""
    figure = Figure(value=value, unit="1")
    assert against_margin(rule(), figure, exact=True) is above
    assert against_margin(rule(above=None, at_most=1.05), figure, exact=True) is at_most


def test_a_ratio_that_was_counted_is_exact():
    """As its counts say."""
    counts = (Counted(work="lstm", of=130.0, over=100.0), Counted(work="mlp", of=110.0, over=100.0))
    one = measured("pytorch", 0, 0, figure=Figure(value=1.2, unit="1"), counts=counts)
    assert fold_ratio(rule(over=("pytorch",)), [one]).truth is Truth.TRUE
    assert fold_ratio(rule(over=("pytorch",)), [attrs.evolve(one, counts=())]).truth is Truth.UNKNOWN
