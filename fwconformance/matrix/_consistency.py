"""Whether the parts of a matrix document fit together: every row and column once, and a cell for each pair of them."""

from __future__ import annotations

from typing import Hashable, Iterable, Sequence, TypeVar

from fwconformance.matrix._model import Matrix

_SHOWN = 3  # of one kind; the rest is counted
_T = TypeVar("_T", bound=Hashable)


def inconsistencies(matrix: Matrix) -> list[str]:
    """What does not fit, one text for each kind of fault, naming the first ones; empty for a matrix that is whole."""
    columns = [(column.environment, column.label) for column in matrix.columns]
    capabilities = [row.id for row in matrix.capabilities]
    cells = [(cell.capability, cell.environment, cell.label) for cell in matrix.cells]
    known_columns, known_capabilities, known_cells = set(columns), set(capabilities), set(cells)
    wanted = [(capability, *column) for capability in capabilities for column in columns]
    kinds = (
        ("columns that stand twice", [_column(*each) for each in _twice(columns)]),
        ("capabilities that stand twice", _twice(capabilities)),
        ("claims that stand twice", _twice([claim.id for claim in matrix.claims])),
        ("cells that stand twice", [_cell(*each) for each in _twice(cells)]),
        ("cells of a column that is not there", [_cell(*each) for each in cells if each[1:] not in known_columns]),
        (
            "cells of a capability that is not there",
            [_cell(*each) for each in cells if each[0] not in known_capabilities],
        ),
        ("cells that are missing", [_cell(*each) for each in wanted if each not in known_cells]),
    )
    return [f"{what}: {_first(found)}" for what, found in kinds if found]


def _twice(values: Iterable[_T]) -> list[_T]:
    seen: set[_T] = set()
    found: dict[_T, None] = {}
    for value in values:
        if value in seen:
            found[value] = None
        seen.add(value)
    return list(found)


def _column(environment: str, label: str) -> str:
    return f"{environment} ({label})" if label else environment


def _cell(capability: str, environment: str, label: str) -> str:
    return f"{capability} in {_column(environment, label)}"


def _first(found: Sequence[str]) -> str:
    rest = len(found) - _SHOWN
    return ", ".join(found[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
