"""The marks of the bundled suites."""

from __future__ import annotations

from fwconformance.registry import check_tests, load_registry
from fwconformance.supervisor import collect_marks


def test_every_case_has_its_one_test_also_those_that_mean_nothing_for_the_reference():
    marks = collect_marks()
    assert check_tests(load_registry(), marks) == []
    assert any(capability.startswith("backend.") for capability, _ in marks)
