"""How an outcome of ours travels through pytest: as its own kind of report, with our word beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Tuple

import pytest

from fwconformance.evidence import Outcome

if TYPE_CHECKING:
    from fwconformance.plugin._run import CaseRun

#: Names of user properties.
OUTCOME = "fwconformance.outcome"
OBSERVATION = "fwconformance.observation"

# Known faults travel under a word of their own: they fail no run.
KNOWN_FAULT = "known fault"

_Word = Tuple[str, Dict[str, bool]]
_SHOWN: dict[str, tuple[str, str, _Word]] = {
    Outcome.UNSUPPORTED.value: ("unsupported", "u", ("UNSUPPORTED", {"cyan": True})),
    Outcome.UNAVAILABLE.value: ("unavailable", "n", ("UNAVAILABLE", {"yellow": True})),
    KNOWN_FAULT: ("known fault", "k", ("KNOWN FAULT", {"yellow": True})),
    # In pytest's own category, so that its traceback is printed.
    Outcome.BROKEN.value: ("failed", "B", ("BROKEN", {"red": True})),
    Outcome.CRASHED.value: ("failed", "C", ("CRASHED", {"red": True})),
}


def show(report: pytest.TestReport, run: CaseRun, item: pytest.Item) -> None:
    """Make `report` say what became of `run`: a failure for pytest if it is a new fault, else skipped with its
    reason.
    """
    assert run.outcome is not None
    # What pytest.xfail() leaves behind: with it pytest counts no failure, whatever the outcome.
    vars(report).pop("wasxfail", None)
    if run.outcome.is_new_fault and run.finding is None:
        if report.outcome != "failed":
            report.outcome = "failed"
            if report.longrepr is None or isinstance(report.longrepr, tuple):  # else it is the traceback
                report.longrepr = run.message
        if run.outcome is not Outcome.FAILED:
            report.user_properties.append((OUTCOME, run.outcome.value))
        return
    word = KNOWN_FAULT if run.finding is not None else run.outcome.value
    reason = f"{word}: {run.message}" if run.finding is None else f"known fault {run.finding}: {run.message}"
    report.outcome = "skipped"
    report.longrepr = (str(item.path), (item.location[1] or 0) + 1, reason)
    report.user_properties.append((OUTCOME, word))


def pytest_report_teststatus(report: Any) -> tuple[str, str, _Word] | None:
    """Letter, word and colour of our outcomes; passed and failed are pytest's."""
    if report.outcome == "passed" or not isinstance(report, pytest.TestReport):
        return None
    for name, value in report.user_properties:
        if name == OUTCOME:
            return _SHOWN.get(str(value))
    return None
