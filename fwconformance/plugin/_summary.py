"""The end of a run on the terminal: a table of the capabilities, what is required and unmet, whether anything was
verified.
"""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any, Generator, Tuple

import pytest

from fwconformance.evidence import CaseState, Level, Outcome, Status, fold_cell
from fwconformance.plugin._requirements import unmet

if TYPE_CHECKING:
    from fwconformance.plugin._conformance import Conformance

# Beside its colour every status has a word of its own.
_COLOURS = {
    "supported": {"green": True},
    "passed": {"green": True},
    "partial": {"yellow": True},
    "unsupported": {"cyan": True},
    "failing": {"red": True},
    "failed": {"red": True},
    "broken": {"red": True},
    "crashed": {"red": True},
    "timeout": {"red": True},
}
_LINES = 3  # of a reason; all of it stands in the journal

Row = Tuple[str, str, str, str]


class Summary:
    """Hooks of the process that has the terminal."""

    def __init__(self, plugin: Conformance) -> None:
        self._plugin = plugin
        self._unmet: list[str] = []
        self._complete = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, Any, Any]:
        """Outermost, so that what it prints comes last."""
        plugin = self._plugin
        if session.config.getoption("collectonly", False):
            return (yield)
        if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            self._complete = plugin.nothing_left()
            if self._complete:
                session.exitstatus = pytest.ExitCode.OK
        if plugin.options.requirements:
            self._unmet = unmet(plugin.options.requirements, plugin.results.cells())
            if self._unmet and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                session.exitstatus = pytest.ExitCode.TESTS_FAILED
        result = yield
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        reason = self.nothing_verified()
        if reporter is not None and reason is not None:
            reporter.write_line(f"NOTHING VERIFIED: {reason}")
        return result

    def pytest_terminal_summary(self, terminalreporter: Any, config: pytest.Config) -> None:
        if config.getoption("collectonly", False):
            return
        rows = self.rows()
        if rows:
            terminalreporter.section("capabilities", sep="=")
            write_table(terminalreporter, rows)
        if self._complete:
            terminalreporter.write_line(
                f"the journal is complete: it holds every case asked for ({self._complete}), so nothing was run"
            )
        for note in self._plugin.results.notes:
            terminalreporter.write_line(note, red=True)
        if self._unmet:
            terminalreporter.section("requirements not met", sep="=", red=True)
            for line in self._unmet:
                terminalreporter.write_line(line, red=True)

    def rows(self) -> list[Row]:
        """(name, status, level, reason) of each capability that was run, of each case where only some of it were asked
        for.
        """
        rows: list[Row] = []
        results = self._plugin.results
        for capability in self._plugin.suites.registry.active():
            inapplicable = results.inapplicable(capability)
            if inapplicable is not None:
                if not self._plugin.options.only:
                    rows.append((capability.id, "inapplicable", "", inapplicable))
                continue
            if results.plainly_supported(capability):
                rows.append((capability.id, Status.SUPPORTED.value, Level.HARDWARE.value, ""))
                continue
            cases = results.cases(capability)
            seen = [each for each in cases if each.state not in (CaseState.MISSING, CaseState.NOT_IN_PROFILE)]
            if not seen:
                continue
            if len(seen) < sum(each.state is not CaseState.NOT_IN_PROFILE for each in cases):
                rows += [
                    (
                        f"{capability.id}:{each.case}",
                        each.state.value,
                        each.level.value if each.level else "",
                        _said(each.reason, each.state),
                    )
                    for each in seen
                ]
                continue
            cell = fold_cell(cases, capability.shown_by)
            rows.append(
                (
                    capability.id,
                    cell.status.value,
                    cell.level.value if cell.level else "",
                    cell.reason or "; ".join(cell.notes),
                )
            )
        return rows

    def nothing_verified(self) -> str | None:
        """Why nothing was verified; None where something was."""
        if self._plugin.results.passed():
            return None
        observations = self._plugin.results.observations()
        if not observations:
            return "no case ran"
        if all(each.outcome is Outcome.UNAVAILABLE for each in observations):
            reasons = Counter(each.message for each in observations)
            if len(reasons) == 1:
                return next(iter(reasons))
            (reason, count), *_ = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
            return f"{len(observations)} cases unavailable, {count} of them: {reason}"
        counts = Counter(each.outcome.value for each in observations)
        return "no case passed: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))


def _said(reason: str, state: CaseState) -> str:
    prefix = f"{state.value}: "
    return reason[len(prefix) :] if reason.startswith(prefix) else reason


def write_table(reporter: Any, rows: list[Row]) -> None:
    """Columns as wide as they must be, reasons wrapped to the terminal's width."""
    heads = ("capability", "status", "evidence")
    widths = [max(len(head), *(len(row[column]) for row in rows)) for column, head in enumerate(heads)]
    full = _width(reporter)
    indent = sum(widths) + 2 * len(widths)
    room = full - indent - 1
    line = "  ".join(head.ljust(width) for head, width in zip(heads, widths))
    reporter.write_line(f"{line}  reason"[: full - 1], bold=True)
    for row in rows:
        if room >= 24:
            wrapped, gap = _wrap(row[3], room), indent
        else:  # too narrow for a fourth column: the reason goes below
            wrapped, gap = ["", *_wrap(row[3], max(full - 5, 16))], 4
        first, *rest = wrapped or [""]
        name, status, level = (cell.ljust(width) for cell, width in zip(row, widths))
        reporter.write(f"{name}  ")
        reporter.write(status, **_COLOURS.get(row[1], {}))
        reporter.write_line(f"  {level}  {first}".rstrip() if row[2] or first else "")
        for text in rest:
            reporter.write_line(" " * gap + text)


def _wrap(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, max_lines=_LINES, placeholder=" ...", break_long_words=True) if text else []


def _width(reporter: Any) -> int:
    try:
        return max(int(reporter._tw.fullwidth), 40)  # noqa: SLF001  pytest offers no other way to ask
    except (AttributeError, TypeError, ValueError):
        return max(int(os.environ.get("COLUMNS", "80") or 80), 40)
