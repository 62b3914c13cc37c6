"""Operators of a standard, counted: what is right, lacking, not tried and wrong."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import NotAdapted, Seam, Unsupported
from fwconformance.frameworks.reference import Reference
from fwconformance.suitekit import _standard, check_operators
from fwconformance.suitekit._standard import NodeTest, node_tests


class Piece:
    """Answers each operator by its name: an exception, or (near, outputs)."""

    def __init__(self, answers):
        self.answers = answers

    def find(self, operator, words):
        answer = self.answers[operator]
        if isinstance(answer, Exception) and not isinstance(answer, RuntimeError):
            raise answer
        return {"by": f"here.{operator.lower()}", "near": not isinstance(answer, RuntimeError) and answer[0]}

    def compute(self, operator, inputs, attributes):
        answer = self.answers[operator]
        if isinstance(answer, RuntimeError):
            raise answer
        return answer[1]


class Framework:
    def __init__(self, answers):
        self.answers = answers

    def piece(self, name):
        assert name == "operators"
        return Piece(self.answers)


@pytest.fixture
def case(make_case):
    return make_case("operators.onnx-coverage", "onnx-operator-set", tolerance=(1e-3, 1e-6))


@pytest.fixture
def asked(monkeypatch, case):
    """Counts operators that all should give one pair of numbers, answered as told."""

    def ask(**answers):
        one = np.array([1.0, np.nan])
        tests = tuple(
            NodeTest(operator=name, words=(name.lower(),), attributes={}, inputs=(), outputs=(one,))
            for name in sorted(answers)
        )
        monkeypatch.setattr(_standard, "node_tests", lambda: tests)
        check_operators(case, Framework(answers))
        return {name: figure.value for name, figure in case.figures.items()}

    return ask


RIGHT, OTHER = [np.array([1.0, np.nan])], [np.array([2.0, np.nan])]


def test_what_is_right_counts_and_what_is_not_there_is_named(asked):
    absent = Unsupported("none", probe=None)
    assert asked(Add=(False, RIGHT), Celu=absent, Mod=NotAdapted("mod")) == {
        "listed": 3,
        "operators": 1,
        "operators, not tried": 1,
    }


def test_of_each_it_is_kept_by_which_function_or_why_not(asked, case):
    asked(Add=(False, RIGHT), Celu=Unsupported("none", probe=None), Mod=NotAdapted("mod"), Tile=(True, OTHER))
    assert case.details == {
        "right": {"Add": "here.add"},
        "lacking": {"Celu": "none", "Tile": "here.tile: other values"},
        "not tried": {"Mod": "mod"},
    }


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((False, OTHER), r"Div: here\.div: other values"),
        ((False, RIGHT + RIGHT), r"Div: here\.div: 2 outputs, not 1"),
        ((False, [np.ones(3)]), r"Div: here\.div: shape \(3,\), not \(2,\)"),
        (RuntimeError("no such\nthing"), r"Div: here\.div: RuntimeError: no such thing"),
        ((True, RIGHT), r"Div: here\.div does it, and was said not to"),
    ],
)
def test_what_should_do_it_and_does_not_fails(asked, answer, said):
    with pytest.raises(AssertionError, match=said):
        asked(Add=(False, RIGHT), Div=answer)


def test_what_comes_next_to_it_and_gives_something_else_makes_it_lacking(asked, case):
    asked(Add=(False, RIGHT), Mod=(True, OTHER))
    assert list(case.details["lacking"]) == ["Mod"]


def test_none_at_all_fails(asked):
    with pytest.raises(AssertionError, match="none was computed"):
        asked(Mod=(True, OTHER))


def test_every_operator_of_the_list_has_words_and_a_test():
    tests = node_tests()
    assert len(tests) == 136
    assert all(test.outputs and test.words for test in tests)
    assert all(word == word.lower() and "_" not in word for test in tests for word in test.words)


def test_the_reference_computes_what_numpy_has(case):
    check_operators(case, Seam(Reference()))
    assert case.figures["operators"].value == len(Reference().piece("operators").calls)
