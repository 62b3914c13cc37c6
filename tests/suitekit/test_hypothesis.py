"""The stand-ins for Hypothesis."""

from __future__ import annotations

import inspect

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.suitekit._hypothesis import (
    REASON,
    StandInForStrategies,
    stand_in_for_assume,
    stand_in_for_given,
)

st = StandInForStrategies()


def body(framework, case, first, second):
    raise AssertionError("the body of a test was run without examples")


@pytest.mark.parametrize(
    ("decorate", "kept"),
    [
        (stand_in_for_given(first=st.integers(), second=st.text()), ["framework", "case"]),
        (stand_in_for_given(st.integers(), st.text()), ["framework", "case"]),
        (stand_in_for_given(second=st.text()), ["framework", "case", "first"]),
    ],
)
def test_asks_for_fixtures_and_for_no_examples(decorate, kept):
    """Pytest sees the parameters that Hypothesis would not have filled."""
    assert list(inspect.signature(decorate(body)).parameters) == kept


def test_says_what_is_not_installed():
    with pytest.raises(Unavailable, match=REASON):
        stand_in_for_given(first=st.integers())(body)(framework=None, case=None)


def test_keeps_name_and_marks():
    """A test that was marked before it was given to us is marked still."""
    marked = stand_in_for_given(first=st.integers())(pytest.mark.filterwarnings("default")(body))
    assert marked.__name__ == "body"
    assert [(mark.name, mark.args) for mark in marked.pytestmark] == [("filterwarnings", ("default",))]


def test_strategies_can_be_put_together_in_any_way():
    """Suites make them while they are imported."""
    assert st.lists(st.integers(0, 3) | st.none(), min_size=1).map(len).filter(bool) is st


def test_assumption_is_never_met():
    with pytest.raises(Unavailable, match=REASON):
        stand_in_for_assume(condition=True)
