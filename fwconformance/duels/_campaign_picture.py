"""The picture of campaigns: every duel's interval, one under another."""

from __future__ import annotations

from typing import Any, Sequence

from fwconformance.duels._campaign import campaign_rows, single_duels
from fwconformance.duels._records import Duel
from fwconformance.duels._statistics import MARGIN, differs, interval_of
from fwconformance.report import INK, MARK, OTHER, drawn_figure, number_of, plain_axes, svg_of

#: Ratios between which intervals are drawn; what goes on beyond them ends in an arrow.
_LEFT, _RIGHT = 0.75, 1.35


def render_campaigns(duels: Sequence[Duel]) -> bytes:
    """A panel for each campaign: the interval of each duel, the slowed side over the other, sorted by its ratio; those
    that are called different stand out. Intervals that go on beyond the picture end in an arrow, and are counted.

    Raises ImportError where Matplotlib is missing.
    """
    single = {id(duel) for duel in single_duels(duels)}
    held = [duel for duel in duels if id(duel) not in single and duel.stopped != "interrupted"]
    rows = campaign_rows(held)
    lines = sum(row.different.duels for row in rows)
    with drawn_figure(8.0, 0.9 * max(1, len(rows)) + 0.035 * lines + 0.4) as figure:
        grid = figure.add_gridspec(
            max(1, len(rows)), 1, height_ratios=[row.different.duels + 20 for row in rows] or [1]
        )
        for number, row in enumerate(rows):
            axes = figure.add_subplot(grid[number])
            found = sorted(
                _slowed_over_other(duel)
                for duel in held
                if (duel.a.name, duel.a.threads, duel.work, max(duel.a.extra, duel.b.extra))
                == (row.contestant, row.threads, row.work, row.slowdown)
            )
            axes.axvspan(1 / (1 + MARGIN), 1 + MARGIN, color=INK, alpha=0.15, linewidth=0)
            axes.axvline(1 + row.slowdown, color=INK, linewidth=0.8)
            for place, (_, low, high, different) in enumerate(found):
                _interval(axes, place, low, high, OTHER if different else MARK)
            axes.set_title(
                f"{row.contestant} on {number_of(row.threads or 0, 'thread', 'threads')}, {row.work}, "
                f"{_planted(row.slowdown)}: {row.different.hits} of {row.different.duels} called different"
                f"{_beyond(found)}",
                loc="left",
                fontsize=9,
                fontweight="bold",
            )
            axes.set_xscale("log")
            axes.set_xticks([0.8, 0.9, 1.0, 1.1, 1.25], ["0.8", "0.9", "1", "1.1", "1.25"])
            axes.minorticks_off()
            axes.set_xlim(_LEFT, _RIGHT)
            axes.set_yticks([])
            plain_axes(axes, "top", "right", "left")
        return svg_of(figure, "The interval of every duel of every campaign; the band is what counts as alike")


def _interval(axes: Any, place: int, low: float, high: float, colour: str) -> None:
    """One line, with an arrow at each end that lies beyond the picture."""
    inside = [min(max(end, _LEFT), _RIGHT) for end in (low, high)]
    axes.plot(inside, [place, place], color=colour, linewidth=1.0)
    for end, gone, arrow in ((_LEFT, low < _LEFT, "<"), (_RIGHT, high > _RIGHT, ">")):
        if gone:
            axes.plot([end], [place], marker=arrow, markersize=3, color=colour, clip_on=False)


def _beyond(found: Sequence[tuple[float, float, float, bool]]) -> str:
    """How many intervals the picture does not show whole."""
    cut = sum(low < _LEFT or high > _RIGHT for _, low, high, _ in found)
    return f"; {cut} beyond {_LEFT:g} or {_RIGHT:g}" if cut else ""


def _planted(slowdown: float) -> str:
    return f"one side slowed by {slowdown:.0%}" if slowdown else "both sides the same"


def _slowed_over_other(duel: Duel) -> tuple[float, float, float, bool]:
    found = interval_of(duel)
    different = differs(found)
    if duel.b.extra > duel.a.extra:
        return 1 / found.ratio, 1 / found.high, 1 / found.low, different
    return found.ratio, found.low, found.high, different
