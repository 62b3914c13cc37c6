"""What cases saw of many single things, on the Markdown page: how many of each kind, and which."""

from __future__ import annotations

from typing import Mapping

from fwconformance.evidence import Details
from fwconformance.matrix import CapabilityRow, Matrix
from fwconformance.report._tables import escape, table
from fwconformance.report._words import active_cells, heading

#: Things that a case says something of in one environment at least; those of fewer stand in their cells alone.
_LEAST = 10
#: Names in a cell; of more, their number alone.
_MOST = 40
_OPENING = (
    "Cases that look at many things say of each what became of it. How that was seen stands in the JSON document, and "
    "`fwconformance show CAPABILITY@ENVIRONMENT --matrix REPORT` prints it."
)


def details_section(matrix: Matrix) -> str:
    """A table a case that has details: a row an environment, a column a kind. Cases that saw the same share theirs."""
    cases: dict[str, list[str]] = {}
    for capability in matrix.capabilities:
        for case in capability.cases:
            seen = _seen(matrix, capability, case.id)
            if max(map(_number, seen.values()), default=0) >= _LEAST:
                cases.setdefault(_table(seen), []).append(f"`{capability.id}:{case.id}`")
    parts = [f"### {', '.join(names)}\n\n{seen_by}" for seen_by, names in cases.items()]
    return "\n\n".join(["## One by one", _OPENING, *parts]) if parts else ""


def _seen(matrix: Matrix, capability: CapabilityRow, case: str) -> dict[str, Details]:
    """The details of that case by environment, where there are some."""
    return {
        heading(column, matrix.columns): each.details
        for column in matrix.columns
        for cell in active_cells(matrix, column)
        if cell.capability == capability.id
        for each in cell.cases
        if each.case == case and each.details
    }


def _number(details: Details) -> int:
    return sum(map(len, details.values()))


def _table(seen: Mapping[str, Details]) -> str:
    kinds = sorted({kind for details in seen.values() for kind in details})
    rows = [
        [escape(environment), *(_named(details.get(kind, {})) for kind in kinds)]
        for environment, details in seen.items()
    ]
    return table(["environment", *map(escape, kinds)], rows)


def _named(named: Mapping[str, str]) -> str:
    names = f": {escape(', '.join(named))}" if 0 < len(named) <= _MOST else ""
    return f"{len(named)}{names}"
