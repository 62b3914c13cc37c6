"""What the pages have in common: how statuses, levels and answers read. Reads only the matrix."""

from __future__ import annotations

import re
from typing import Iterable, Sequence

from fwconformance.evidence import Level, Status
from fwconformance.matrix import Cell, Column, Matrix
from fwconformance.verdicts import Answer, Basis, Verdict

STATUS_ORDER = (
    Status.SUPPORTED,
    Status.PARTIAL,
    Status.UNSUPPORTED,
    Status.FAILING,
    Status.INAPPLICABLE,
    Status.UNTESTED,
)
ANSWER_ORDER = tuple(Answer)


def heading(column: Column, columns: Sequence[Column]) -> str:
    """The environment's name, with the label where several machines ran it."""
    twins = [each for each in columns if each.environment == column.environment]
    return column.environment if len(twins) == 1 else f"{column.environment} ({column.label})"


def status_in_words(cell: Cell) -> str:
    """The status, with the level where it is weaker than hardware: "supported (simulated)"."""
    if cell.level is None or cell.level is Level.HARDWARE:
        return cell.status.value
    return f"{cell.status.value} ({cell.level.value})"


def answer_in_words(verdict: Verdict) -> str:
    """The answer, with what qualifies it: "confirmed (by record)", "partly (by record and measured)", "indicated:
    right".
    """
    words = verdict.answer.value
    if verdict.indication is not None:
        words += f": {verdict.indication.value}"
    if verdict.basis is not Basis.RECORD:
        return words
    # Records have no level: what has one was measured.
    return f"{words} (by record)" if verdict.level is None else f"{words} (by record and measured)"


def pinned_in_words(column: Column) -> str:
    """Of a pinned column: that it decides no claim, and why (documents of before 29 November 2026 may not say)."""
    return f"decides no claim: {column.era_reason}" if column.era_reason else "decides no claim"


def in_words(number: float) -> str:
    """To three digits, without an exponent: 1,230 or 12.3."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def shorten(text: str, length: int) -> str:
    """The first line of `text`, cut at a word to at most `length` characters."""
    line = re.sub(r"\s+", " ", text.strip().split("\n", 1)[0])
    if len(line) <= length:
        return line
    cut = line[: length - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[length // 2 :] else cut).rstrip(" ,;:(") + "…"


def level_in_words(level: Level | None) -> str:
    """The level, or a dash where nothing was shown."""
    return level.value if level else "-"


def number_of(number: int, one: str, many: str) -> str:
    """A number with its noun: "1 claim", "0 claims"."""
    return f"{number} {one if number == 1 else many}"


def counts(statuses: Iterable[Status]) -> dict[Status, int]:
    """How often each status occurs, in the order of the vocabulary."""
    found = list(statuses)
    return {status: found.count(status) for status in STATUS_ORDER}


def active_cells(matrix: Matrix, column: Column) -> list[Cell]:
    """The cells of a column whose capability has tests: what was there to be measured."""
    active = {capability.id for capability in matrix.capabilities if capability.status == "active"}
    return [
        cell
        for cell in matrix.cells
        if cell.environment == column.environment and cell.label == column.label and cell.capability in active
    ]
