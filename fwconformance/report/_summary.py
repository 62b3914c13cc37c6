"""The matrix in a terminal: plain text, as wide as asked, colour only if asked."""

from __future__ import annotations

from typing import Sequence

from fwconformance.evidence import Era, Status
from fwconformance.matrix import Matrix, new_faults, stale_findings
from fwconformance.report._words import (
    ANSWER_ORDER,
    STATUS_ORDER,
    active_cells,
    counts,
    heading,
    pinned_in_words,
    shorten,
)

_COLOURS = {
    Status.SUPPORTED: "32",
    Status.PARTIAL: "33",
    Status.FAILING: "31",
    Status.UNSUPPORTED: "35",
    Status.INAPPLICABLE: "2",
    Status.UNTESTED: "36",
}
_FAULTS_SHOWN = 20


def summary(matrix: Matrix, *, width: int = 100, colour: bool = False) -> str:
    """Counts by status for each environment, by answer for each era, and what is newly wrong, with the command for it.

    Args:
        matrix: what to summarise.
        width: columns of the terminal; no line but a command is longer.
        colour: whether counts carry ANSI colours; the words are there with or without.
    """
    room = max(width, 40)
    parts = [
        _environments(matrix, room, colour=colour),
        _claims(matrix, room),
        _stale(matrix, room),
        _faults(matrix, room),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _environments(matrix: Matrix, width: int, *, colour: bool) -> str:
    rows = []
    for column in matrix.columns:
        found = counts(cell.status for cell in active_cells(matrix, column))
        rows.append((heading(column, matrix.columns), [found[status] for status in STATUS_ORDER]))
    if not rows:
        return "No environment was measured."
    titles = [status.value for status in STATUS_ORDER]
    room = width - sum(len(title) + 2 for title in titles)
    longest = max(len(name) for name, _ in rows)
    if room < min(longest, 12):
        return "\n".join(_narrow(name, numbers, width) for name, numbers in rows)
    first = min(max(longest, len("environment")), room)
    lines = ["environment".ljust(first) + "".join(f"  {title}" for title in titles)]
    for name, numbers in rows:
        line = shorten(name, first).ljust(first)
        for status, number in zip(STATUS_ORDER, numbers):
            text = str(number).rjust(len(status.value) + 2)
            line += f"\x1b[{_COLOURS[status]}m{text}\x1b[0m" if colour and number else text
        lines.append(line)
    notes = [
        shorten(f"{heading(each, matrix.columns)}: no report", width) for each in matrix.columns if not each.reported
    ]
    notes += [
        shorten(f"{heading(each, matrix.columns)}: {pinned_in_words(each)}", width)
        for each in matrix.columns
        if each.era is Era.PINNED
    ]
    return "\n".join(lines + notes)


def _stale(matrix: Matrix, width: int) -> str:
    return "\n".join(
        shorten(f"{check.environment}: the finding {finding.id} no longer reproduces: remove it", width)
        for finding, check in stale_findings(matrix)
    )


def _narrow(name: str, numbers: Sequence[int], width: int) -> str:
    words = [f"  {number} {status.value}" for status, number in zip(STATUS_ORDER, numbers) if number]
    return "\n".join([shorten(name, width), *words])


def _claims(matrix: Matrix, width: int) -> str:
    if not matrix.claims:
        return ""
    lines = []
    for era in (Era.CURRENT, Era.Y2020):
        answers = [claim.headline(era).answer for claim in matrix.claims]
        words = ", ".join(f"{answers.count(answer)} {answer.value}" for answer in ANSWER_ORDER if answer in answers)
        lines.append(shorten(f"claims, {era.value}: {words}", width))
    return "\n".join(lines)


def _faults(matrix: Matrix, width: int) -> str:
    faults = new_faults(matrix)
    if not faults:
        return ""
    lines = [f"new faults without a known finding: {len(faults)}"]
    for cell, case in faults[:_FAULTS_SHOWN]:
        lines.append(shorten(f"  {cell.environment} {cell.capability}:{case.case}: {case.reason}", width))
        lines.append(f"    {cell.rerun}:{case.case}")
    if len(faults) > _FAULTS_SHOWN:
        lines.append(f"  ... and {len(faults) - _FAULTS_SHOWN} more")
    return "\n".join(lines)
