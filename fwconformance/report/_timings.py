"""The timings on the Markdown page: what the areas `speed` and `costs` measured, without any comparison."""

from __future__ import annotations

from typing import Mapping

from fwconformance.evidence import Figure
from fwconformance.matrix import Matrix
from fwconformance.report._tables import escape, table
from fwconformance.report._words import active_cells, heading

_SPEED, _COSTS = "speed.", "costs."
_WARNING = (
    "Single readings, taken while other environments may have run beside. They show that a speed was measured, "
    "and rank nothing."
)
_OF_COSTS = (
    "Import, first call, memory, data and saved models: medians, and the smallest and largest of a few readings, each "
    "in a process of its own. Other environments may have run beside: they rank nothing."
)


def timings_section(matrix: Matrix) -> str:
    """Every figure of the area `speed` that has a dimension, as it was read: a row for each environment and case."""
    measured = _measured(matrix, _SPEED)
    if not measured:
        return ""
    # A figure may come in several units; each has its own column.
    kinds = sorted({(name, figure.unit) for *_, figures in measured for name, figure in figures.items()})
    rows = [
        [escape(environment), f"`{case}`", *(_value(figures.get(name), unit) for name, unit in kinds)]
        for environment, case, figures in measured
    ]
    titles = ["environment", "case", *(escape(f"{name}, {unit}") for name, unit in kinds)]
    numbers = range(2, len(titles))
    return "\n\n".join(["## Smoke timings (not comparisons)", _WARNING, table(titles, rows, right=numbers)])


def costs_section(matrix: Matrix) -> str:
    """Every figure of the area `costs` that has a dimension: a row each."""
    rows = [
        [escape(environment), f"`{case}`", escape(name), _value(figure, figure.unit)]
        for environment, case, figures in _measured(matrix, _COSTS)
        for name, figure in sorted(figures.items())
    ]
    if not rows:
        return ""
    title = "## What is waited for beside the work (not comparisons)"
    return "\n\n".join([title, _OF_COSTS, table(["environment", "case", "what", "reading"], rows, right=(3,))])


def _measured(matrix: Matrix, area: str) -> list[tuple[str, str, Mapping[str, Figure]]]:
    """(environment, case, its figures) of every case of `area` that has some."""
    return [
        (heading(column, matrix.columns), f"{cell.capability}:{case.case}", figures)
        for column in matrix.columns
        for cell in active_cells(matrix, column)
        for case in cell.cases
        if cell.capability.startswith(area)
        for figures in [_with_dimension(case.figures)]
        if figures
    ]


def _with_dimension(figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Without pure numbers (unit "1"): counts, and how far outputs lay from the oracle's, are no timings."""
    return {name: figure for name, figure in figures.items() if figure.unit != "1"}


def _value(figure: Figure | None, unit: str) -> str:
    """The number to four digits, with its unit, and the interval where there is one."""
    if figure is None or figure.unit != unit:
        return "-"
    words = _number(figure.value)
    if figure.low is not None and figure.high is not None:
        words += f" ({_number(figure.low)} to {_number(figure.high)})"
    return f"{words} {escape(unit)}"


def _number(value: float) -> str:
    return f"{value:.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.4g}"
