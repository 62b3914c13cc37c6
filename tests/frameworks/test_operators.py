"""Operators of a standard by a framework's functions: the table, and the look for names."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from fwconformance.frameworks import NotAdapted, SeamViolation, Unsupported
from fwconformance.frameworks._operators import Call, Names, OperatorTable, of_type
from fwconformance.frameworks._probes import Lookup

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
    absent, said = Names(places={"here": place}, words=["fi", "shrink", "f", "narrow"]).run()
    assert absent
    assert said == "of 2 public names of here none is called fi or f or has shrink or narrow in it"


def test_a_name_that_means_something_else_is_passed_over_and_said():
    place = SimpleNamespace(shrink_range=1, shrink_files=1, fix=1)
    found = Names(places={"here": place}, words=["shrink"], others=["shrink_range"]).run()
    assert found == (False, "there is here.shrink_files")
    absent, said = Names(places={"here": place}, words=["shrink"], others=["shrink_files", "shrink_range"]).run()
    assert absent
    assert said.endswith("none has shrink in it but shrink_files and shrink_range, which is something else")


def test_what_comes_next_to_it_is_said_to_be_near(table):
    assert table.find("Beside", ["beside"])["near"]


def test_attributes_become_arguments_and_inputs_that_are_left_out_stay_so(table):
    assert table.compute("Power", [3.0], {"by": 2}) == [("made", 9.0)]
    assert table.compute("Sum", [1.0, None, 2.0], {}) == [("made", 3.0)]


def test_names_may_be_those_of_what_a_framework_lists():
    listed = {"ReLU": abs}
    table = OperatorTable(
        {"Relu": Call("Rectify|ReLU"), "Elu": Call("ELU")},
        places={"types": SimpleNamespace(**listed)},
        native=lambda _, x: x,
        result=lambda value: value,
        function=listed.get,
        absent=lambda names: Lookup(root=SimpleNamespace(), label="types", names=names),
    )
    assert table.find("Relu", ["relu"]) == {"by": "ReLU", "near": False}
    assert table.compute("Relu", [-2.0], {}) == [2.0]
    with pytest.raises(Unsupported, match="types has none of: ELU"):
        table.find("Elu", ["elu"])


def test_arguments_of_ours_that_cannot_be_made_are_not_the_frameworks_answer(table):
    with pytest.raises(SeamViolation, match=r"ours for math\.pow cannot be made: KeyError\('by'\)"):
        table.compute("Power", [3.0], {})


def test_a_result_of_another_type_than_the_operators_is_wrong():
    """All are turned into one type afterwards, and a copy would pass for a cast."""
    call = Call("operator.pos", take=of_type("float64"))
    table = OperatorTable({"Cast": call}, places={}, native=lambda _, x: x, result=lambda value: value)
    double = SimpleNamespace(dtype="<dtype: 'float64'>")
    assert of_type("float64")(double, {}) is double
    with pytest.raises(TypeError, match="the result's type is float32, not float64"):
        table.compute("Cast", [np.ones(2, np.float32)], {})


def test_computing_without_a_call_is_a_gap_of_ours(table):
    with pytest.raises(NotAdapted, match="no call for Shrink"):
        table.compute("Shrink", [], {})
