"""The forest plot: a panel for each pair of contestants, a line for each work, intervals of the ratio on a log axis."""

from __future__ import annotations

import importlib
from typing import Any

from fwconformance.matrix import DuelRow, Matrix
from fwconformance.report._svg import INK, MARK, drawn_figure, plain_axes, svg_of


def render_forest(matrix: Matrix) -> bytes:
    """SVG, the same bytes for the same matrix and Matplotlib. Without duels, an empty picture.

    Raises ImportError where Matplotlib is missing.
    """
    panels = _panels([row for row in matrix.duels if row.is_comparison])
    lines = sum(len(rows) for _, rows in panels)
    with drawn_figure(8.0, 0.9 * max(1, len(panels)) + 0.22 * lines + 0.4) as figure:
        axes: Any = None
        heights = [len(rows) + 1 for _, rows in panels]
        grid = figure.add_gridspec(max(1, len(panels)), 1, height_ratios=heights or [1])
        for number, (title, rows) in enumerate(panels):
            axes = figure.add_subplot(grid[number], sharex=axes)
            _panel(axes, title, rows)
        if axes is not None:
            axes.set_xlabel("time of the first over time of the second (log scale)")
        return svg_of(figure, "Ratios of times at the same work, with their intervals")


def _panels(rows: list[DuelRow]) -> list[tuple[str, list[DuelRow]]]:
    found: dict[str, list[DuelRow]] = {}
    for row in sorted(rows, key=lambda each: (each.a.name, each.b.name, each.work)):
        found.setdefault(f"{row.a.name} over {row.b.name}", []).append(row)
    return list(found.items())


def _panel(axes: Any, title: str, rows: list[DuelRow]) -> None:
    axes.set_title(title, loc="left", fontsize=9, fontweight="bold")
    axes.set_xscale("log")
    axes.axvline(1.0, color=INK, linewidth=0.8)
    for place, row in enumerate(reversed(rows)):
        middle = row.ratio.value
        low, high = row.ratio.low or middle, row.ratio.high or middle
        axes.plot([low, high], [place, place], color=MARK, linewidth=1.6, solid_capstyle="butt")
        axes.plot([middle], [place], marker="s", markersize=4, color=MARK)
        axes.annotate(
            f"{middle:.2f} [{low:.2f}, {high:.2f}]",
            (1.01, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=7,
        )
    axes.set_yticks(range(len(rows)), [row.work for row in reversed(rows)])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.grid(visible=True, axis="x", color=INK, alpha=0.15, linewidth=0.6)
    plain_axes(axes, "top", "right", "left")
    axes.tick_params(axis="y", length=0)
    ticker: Any = importlib.import_module("matplotlib.ticker")
    axes.xaxis.set_major_locator(ticker.LogLocator(base=10, subs=(1.0, 1.5, 2.0, 3.0, 5.0, 7.0)))
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}"))
