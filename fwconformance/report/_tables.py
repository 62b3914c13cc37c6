"""Markdown tables, and text that may stand in them."""

from __future__ import annotations

import re
from typing import Iterable, Sequence

from fwconformance.report._words import shorten

REASON = 240  # characters of a reason in a table; the whole one stands in the JSON document


def escape(text: str, length: int = 0) -> str:
    """`text` for a table cell: one line, cut to `length` if given, with nothing that Markdown or HTML would read."""
    line = re.sub(r"\s+", " ", text).strip()
    line = shorten(line, length) if length else line
    line = line.replace("\\", "\\\\")
    line = re.sub(r"([|`*_\[\]#~])", r"\\\1", line)
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def table(titles: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> str:
    """A table of cells that are Markdown already (see `escape`); the columns numbered in `right` are aligned right."""
    numbers = set(right)
    rule = ["---:" if index in numbers else "---" for index in range(len(titles))]
    return "\n".join("| " + " | ".join(row) + " |" for row in [list(titles), rule, *map(list, rows)])


def link(title: str, url: str) -> str:
    """A link, or its text where `url` is none that may stand in a page."""
    if not re.match(r"https?://[^\s<>()|]+\Z", url):
        return f"{escape(title)} {escape(url)}".strip()
    return f"[{escape(title)}]({url})"
