"""Pictures of raw duels: examples a second beside what the machine could do, and every round over time."""

from __future__ import annotations

import math
import statistics
from typing import Sequence

import attrs

from fwconformance.duels._records import Duel, Limits
from fwconformance.matrix import LimitRow, ThroughputRow
from fwconformance.report import INK, MARK, OTHER, drawn_figure, in_words, number_of, plain_axes, svg_of
from fwconformance.works import WORKS, operations

_LABEL = 0.2  # height of a label of a panel of `render_rounds`, as a part of what its axis shows


def throughputs(duels: Sequence[Duel], limits: Sequence[Limits]) -> tuple[ThroughputRow, ...]:
    """What `render_throughput` draws, by work and then from the fastest on."""
    rates = _rates(duels)
    return tuple(
        ThroughputRow(
            work=work, contestant=who, examples=rate, share=rate / most if (most := _most(work, limits)) else None
        )
        for work in WORKS
        if work in rates
        for who, rate in sorted(rates[work].items(), key=lambda pair: -pair[1])
    )


def limit_rows(limits: Sequence[Limits]) -> tuple[LimitRow, ...]:
    """`limits` as a matrix shows them."""
    return tuple(LimitRow(**attrs.asdict(each)) for each in limits)


def render_throughput(duels: Sequence[Duel], limits: Sequence[Limits]) -> bytes:
    """Bars of examples a second, a panel for each work, a bar for each contestant: the median over its turns in all its
    duels on so many threads, which are named where they are not the same everywhere. A line is what the machine could
    do: its float32 matrix products a second (`Limits.products`, the best of `limits`) over the work's operations.

    Duels with programs written by hand, planted slowdowns and duels that were cut short are left out. Raises
    ImportError where Matplotlib is missing.
    """
    rates = _rates(duels)
    works = [work for work in WORKS if work in rates]
    bars = sum(len(rates[work]) for work in works)
    with drawn_figure(8.0, 0.55 * max(1, len(works)) + 0.24 * bars + 0.4) as figure:
        grid = figure.add_gridspec(max(1, len(works)), 1, height_ratios=[len(rates[work]) + 1 for work in works] or [1])
        for number, name in enumerate(works):
            axes = figure.add_subplot(grid[number])
            found = sorted(rates[name].items(), key=lambda pair: pair[1])
            places = range(len(found))
            axes.barh(places, [rate for _, rate in found], color=MARK, height=0.7)
            axes.set_yticks(places, [who for who, _ in found])
            axes.set_title(name, loc="left", fontsize=9, fontweight="bold")
            for place, (_, rate) in zip(places, found):
                axes.annotate(f" {in_words(rate)}", (rate, place), va="center", fontsize=8)
            title, most = "examples a second", _most(name, limits)
            if most:
                axes.axvline(most, color=OTHER, linewidth=1.2, linestyle="--")
                title += f"; dashed: {in_words(most)}, all that matrix products allow"
            axes.set_xlabel(title, fontsize=8)
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:,g}")
            axes.margins(x=0.12)
            plain_axes(axes, "top", "right")
        return svg_of(figure, "Examples a second of every contestant at every work, beside the machine's limit")


def render_rounds(duels: Sequence[Duel]) -> bytes:
    """A panel for each duel: the ratio of A's time to B's in every round, in order, with the interval that they led to.

    Raises ImportError where Matplotlib is missing.
    """
    shown = sorted(
        (duel for duel in duels if duel.stopped != "interrupted"),
        key=lambda duel: (duel.work, duel.a.name, duel.b.name, duel.started),
    )
    rows = -(-len(shown) // 2)
    with drawn_figure(8.0, 1.15 * max(1, rows) + 0.3) as figure:
        grid = figure.add_gridspec(max(1, rows), 2)
        for number, duel in enumerate(shown):
            axes = figure.add_subplot(grid[number // 2, number % 2])
            ratios = [_ratio(block.order, block.seconds) for block in duel.blocks]
            axes.axhspan(duel.low, duel.high, color=OTHER, alpha=0.35, linewidth=0)
            axes.axhline(1.0, color=INK, linewidth=0.6)
            axes.plot(range(1, len(ratios) + 1), ratios, ".", color=MARK, markersize=3)
            axes.set_yscale("log")
            ticks = _ticks(ratios, 1.0, duel.low, duel.high)
            axes.set_yticks(ticks, [f"{tick:.3g}" for tick in ticks])
            axes.minorticks_off()
            axes.tick_params(labelsize=7)
            axes.set_title(f"{duel.work}: {duel.a.name} over {duel.b.name}", loc="left", fontsize=7)
            plain_axes(axes, "top", "right")
        return svg_of(figure, "The ratio in every round of every duel, in the order they were taken")


def _most(work: str, limits: Sequence[Limits]) -> float:
    """Examples a second that the machine's matrix products allow; 0 where that is not known."""
    of_one_call = operations(WORKS[work])
    return (
        max((each.products for each in limits), default=0.0) * WORKS[work].batch / of_one_call if of_one_call else 0.0
    )


def _rates(duels: Sequence[Duel]) -> dict[str, dict[str, float]]:
    """Examples a second by work and contestant."""
    counted = [duel for duel in duels if duel.stopped != "interrupted" and not (duel.a.script or duel.b.script)]
    several = len({side.threads for duel in counted for side in (duel.a, duel.b)}) > 1
    seconds: dict[str, dict[str, list[float]]] = {}
    for duel in counted:
        for who, side in (("A", duel.a), ("B", duel.b)):
            if not side.extra:
                name = f"{side.name} on {number_of(side.threads, 'thread', 'threads')}" if several else side.name
                kept = seconds.setdefault(duel.work, {}).setdefault(name, [])
                kept += [took for block in duel.blocks for each, took in zip(block.order, block.seconds) if each == who]
    return {
        work: {name: WORKS[work].batch / statistics.median(taken) for name, taken in found.items()}
        for work, found in seconds.items()
        if work in WORKS
    }


def _ratio(order: str, seconds: Sequence[float]) -> float:
    """Of the geometric means of a block's turns."""
    logs = {"A": 0.0, "B": 0.0}
    for who, took in zip(order, seconds):
        logs[who] += math.log(took) / 2
    return math.exp(logs["A"] - logs["B"])


def _ticks(ratios: Sequence[float], *shown: float) -> list[float]:
    """The smallest, the middle one and the largest, as far as their labels have room on a log axis that holds them and
    what is `shown` beside them.
    """
    low, middle, high = min(ratios), statistics.median(ratios), max(ratios)
    room = _LABEL * math.log(max(high, *shown) / min(low, *shown))
    if math.log(high / low) < room:
        return [middle]
    fits = math.log(middle / low) >= room and math.log(high / middle) >= room
    return sorted({low, middle, high} if fits else {low, high})
