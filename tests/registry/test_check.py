"""The registry against the tests of the suites; faults between its files are in test_load."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwconformance.registry import check_tests, load_registry

ALL = [("rnn.lstm", "forward"), ("rnn.lstm", "peephole")]


def test_one_test_for_each_case_is_right(root: Path) -> None:
    """No problem then."""
    assert check_tests(load_registry(root=root), ALL) == []


@pytest.mark.parametrize(
    ("marked", "says"),
    [
        (ALL[:1], "rnn.lstm: case 'peephole' has no test"),
        ([*ALL, ("export.onnx", "runs")], "export.onnx: planned, but it has test 'runs'"),
        ([*ALL, ("rnn.lstn", "forward")], "rnn.lstn: unknown capability marked on a test (did you mean rnn.lstm?)"),
        ([*ALL, ("rnn.lstm", "forwards")], "rnn.lstm: unknown case 'forwards' on a test (did you mean forward?)"),
        ([*ALL, ALL[0]], "rnn.lstm: case 'forward' has 2 tests"),
    ],
)
def test_each_disagreement_is_one_problem(root: Path, marked: list[tuple[str, str]], says: str) -> None:
    """With the capability first."""
    (problem,) = check_tests(load_registry(root=root), marked)
    assert problem.startswith(says)


def test_an_active_capability_without_any_test_lacks_every_case(root: Path) -> None:
    """Each case is listed."""
    assert len(check_tests(load_registry(root=root), [])) == 2
