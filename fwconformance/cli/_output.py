"""Printing results: to standard output, in columns. `_streams` sees to it that this does not fail."""

from __future__ import annotations

import shutil
import sys
from typing import Sequence


def out(text: str = "") -> None:
    """One line or more on standard output."""
    print(text, flush=True)


def err(text: str) -> None:
    """A remark on standard error."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = ()) -> str:
    """Left-aligned columns, two spaces apart; the last one is never padded."""
    everything = [list(header), *map(list, rows)] if header else list(map(list, rows))
    if not everything:
        return ""
    widths = [max(len(row[column]) for row in everything) for column in range(len(everything[0]) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[-1]]).rstrip() for row in everything
    ]
    if header:
        lines.insert(1, "  ".join("-" * width for width in [*widths, len(everything[0][-1])]))
    return "\n".join(lines)


def terminal_width() -> int:
    """Columns of the terminal; 100 where output goes elsewhere, so that logs do not depend on who looks."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 100
