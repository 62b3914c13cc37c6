"""Operators of a standard by a framework's functions: the table, and the look for names."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fwconformance.frameworks import NotAdapted, Unsupported
from fwconformance.frameworks._operators import Call, Names, OperatorTable

CALLS = {
    "Root": Call("math.sqrt"),
    "Halves": Call("math.nothing|math.modf", take=lambda result, *_: list(result)),
    "Power": Call("math.pow", lambda a, x: ((x, a["by"]), {})),
    "Lost": Call("math.never|math.once"),
    "Beside": Call("math.floor", near=True),
    "Sum": Call("math.fsum", lambda _, *x: (([one for one in x if one is not None],), {})),
}


@pytest.fixture
def table():
    place = SimpleNamespace(take_along_axis=1, erf=1, _hidden_shrink=1)
    return OperatorTable(CALLS, places={"here": place}, native=lambda _, x: x, result=lambda value: ("made", value))


def test_the_function_that_does_it_is_named(table):
    assert table.find("Root", ["root"]) == {"by": "math.sqrt", "near": False}


def test_of_two_names_the_one_that_is_there_counts(table):
    assert table.find("Halves", ["halves"])["by"] == "math.modf"
    assert table.compute("Halves", [1.5], {}) == [("made", 0.5), ("made", 1.0)]


def test_a_function_that_this_release_lacks_is_unsupported_by_looking(table):
    with pytest.raises(Unsupported, match="math has none of: never, once"):
        table.find("Lost", ["lost"])


def test_an_operator_without_a_call_is_unsupported_where_no_name_is_like_it(table):
    with pytest.raises(Unsupported, match="of 2 public names of here none has shrink in it"):
        table.find("Shrink", ["shrink"])


def test_an_operator_without_a_call_is_a_gap_of_ours_where_a_name_is_like_it(table):
    with pytest.raises(NotAdapted, match=r"here\.take_along_axis"):
        table.find("GatherElements", ["takealongaxis"])


def test_a_short_word_must_be_the_whole_name():
    place = SimpleNamespace(fixed_point=1, fix=1)
    assert Names(places={"here": place}, words=["point"]).run() == (False, "there is here.fixed_point")
    assert Names(places={"here": place}, words=["fix"]).run() == (False, "there is here.fix")
    assert Names(places={"here": place}, words=["fi"]).run()[0]


def test_what_comes_next_to_it_is_said_to_be_near(table):
    assert table.find("Beside", ["beside"])["near"]


def test_attributes_become_arguments_and_inputs_that_are_left_out_stay_so(table):
    assert table.compute("Power", [3.0], {"by": 2}) == [("made", 9.0)]
    assert table.compute("Sum", [1.0, None, 2.0], {}) == [("made", 3.0)]


def test_computing_without_a_call_is_a_gap_of_ours(table):
    with pytest.raises(NotAdapted, match="no call for Shrink"):
        table.compute("Shrink", [], {})
