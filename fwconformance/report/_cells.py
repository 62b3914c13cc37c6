"""The cells on the Markdown page: all of them by environment, and why each that is not supported is not."""

from __future__ import annotations

from typing import Sequence

from fwconformance.evidence import Status
from fwconformance.matrix import Cell, Column, Matrix
from fwconformance.report._tables import REASON, escape, table
from fwconformance.report._words import (
    STATUS_ORDER,
    active_cells,
    counts,
    heading,
    level_in_words,
    number_of,
    status_in_words,
)

_AGAIN = (
    "Each command is for its environment's own interpreter; in a checkout `tox run -e ENVIRONMENT --notest` builds it."
)
#: Of which many have one reason, and no finding.
_ALIKE = (Status.UNTESTED, Status.INAPPLICABLE)
_WIDEST = "--profile full"  # of a command for several cells: it runs them all
_NOT_ASKED = "not asked for"  # how the fold of cases says that runs were limited to other capabilities


def capabilities_section(matrix: Matrix) -> str:
    """A row a capability, a column an environment that was run; those that nobody reported are named once."""
    active = [capability for capability in matrix.capabilities if capability.status == "active"]
    if not active or not matrix.columns:
        return ""
    reported = [column for column in matrix.columns if column.reported]
    absent = [f"`{column.environment}`" for column in matrix.columns if not column.reported]
    parts = ["## Capabilities by environment"]
    if absent:
        parts.append(f"Without a column, since no report of them was merged: {', '.join(absent)}.")
    if not reported:
        return "\n\n".join(parts)
    titles = ["capability", "what it is", *(escape(heading(column, matrix.columns)) for column in reported)]
    rows = []
    for capability in active:
        cells = [matrix.cell(capability.id, column.environment, column.label) for column in reported]
        rows.append(
            [f"`{capability.id}`", escape(capability.title), *(escape(status_in_words(cell)) for cell in cells)]
        )
    found = [counts(cell.status for cell in active_cells(matrix, column)) for column in reported]
    totals = [[f"*{status.value}*", "", *(f"*{each[status]}*" for each in found)] for status in STATUS_ORDER]
    return "\n\n".join([*parts, table(titles, rows + totals)])


def not_green_section(matrix: Matrix) -> str:
    """Every cell of a capability with tests that is not supported, and one line for a column that nobody reported."""
    if not matrix.columns:
        return ""
    parts = ["## Cells that are not supported, and how to run them again", _AGAIN]
    for column in matrix.columns:
        parts += [f"### {escape(heading(column, matrix.columns))}", *_not_green(matrix, column)]
    return "\n\n".join(parts)


def _not_green(matrix: Matrix, column: Column) -> list[str]:
    if not column.reported:
        return [f"Every cell is untested: no report from {escape(column.environment)}."]
    cells = [cell for cell in active_cells(matrix, column) if cell.status is not Status.SUPPORTED]
    if not cells:
        return ["Every capability that has tests is supported."]
    not_asked = [cell for cell in cells if _was_not_asked(cell)]
    alike = [cell for cell in cells if cell.status in _ALIKE and cell not in not_asked]
    rows = [_row(cell) for cell in cells if cell not in not_asked and cell not in alike]
    rows += _by_reason(alike, [cell.capability for cell in active_cells(matrix, column)])
    parts = [table(["capability", "status", "level", "why", "run it again"], rows)] if rows else []
    if not_asked:
        first = max(not_asked, key=lambda cell: _WIDEST in cell.rerun)
        number = number_of(len(not_asked), "capability was", "capabilities were")
        again = first.rerun.replace(first.capability, "CAPABILITY")
        parts.append(f"{number} not asked for: what ran was limited to others. `{again}` runs one of them.")
    return parts


def _was_not_asked(cell: Cell) -> bool:
    return cell.reason.startswith(_NOT_ASKED) and not any(case.attempts for case in cell.cases)


def _row(cell: Cell) -> list[str]:
    why = escape(cell.reason, REASON)
    if cell.findings:
        why += f"<br>known finding: {escape(', '.join(cell.findings))}"
    return [f"`{cell.capability}`", cell.status.value, level_in_words(cell.level), why, f"`{cell.rerun}`"]


def _by_reason(cells: Sequence[Cell], whole: Sequence[str]) -> list[list[str]]:
    """Cells that nobody has seen, then those that mean nothing there; those of one reason in one row. `whole`: names of
    all capabilities.
    """
    alike: dict[tuple[int, str], list[Cell]] = {}
    for cell in cells:
        alike.setdefault((_ALIKE.index(cell.status), cell.reason), []).append(cell)
    rows = []
    for (status, reason), found in sorted(alike.items(), key=lambda pair: pair[0][0]):
        first = max(found, key=lambda cell: _WIDEST in cell.rerun)
        again = first.rerun if len(found) == 1 else first.rerun.replace(first.capability, "CAPABILITY")
        names = _short_list([cell.capability for cell in found], whole)
        command = "-" if _ALIKE[status] is Status.INAPPLICABLE else f"`{again}`"
        rows.append([names, _ALIKE[status].value, "-", escape(reason, REASON), command])
    return rows


def _short_list(names: Sequence[str], whole: Sequence[str]) -> str:
    """`names`, areas that have all of their several ones among them in one word: "`binding.java.*`"."""
    words: dict[str, None] = {}
    for name in names:
        area = name.rpartition(".")[0] + "."
        same = [each for each in whole if each.rpartition(".")[0] + "." == area]
        words[f"`{area}*`" if len(same) > 1 and set(same) <= set(names) else f"`{name}`"] = None
    return ", ".join(words)


def notes_section(matrix: Matrix) -> str:
    """What went wrong on the way and did not change a status."""
    rows = [
        [escape(cell.environment), f"`{cell.capability}`", escape("; ".join(cell.notes), REASON), f"`{cell.rerun}`"]
        for cell in matrix.cells
        if cell.notes
    ]
    if not rows:
        return ""
    return "## Notes on supported and other cells\n\n" + table(
        ["environment", "capability", "note", "run it again"], rows
    )
