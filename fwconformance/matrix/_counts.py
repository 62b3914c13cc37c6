"""Ratios of exact figures: what two columns counted of the same works, as the cases of one capability.

Times vary, and need duels with an interval. A count does not: where both columns' shards carry a figure of the same
name for the same cases, the ratio is known as soon as both have passed. Where a side could not try some of what it
counts, the ratio has an interval: all of them would have counted, or none. What varies by chance and was drawn several
times has one too (`_draws`).
"""

from __future__ import annotations

import statistics
from typing import Mapping, Sequence

from fwconformance.evidence import Era, Figure, Level, Outcome, weakest
from fwconformance.matrix import _model as model
from fwconformance.matrix._draws import drawn_ratio, is_drawn
from fwconformance.registry import DEFAULT_MODES, Ratio
from fwconformance.verdicts import Counted, MeasuredRatio


def counted_ratio(
    rule: Ratio, of: model.Cell, over: tuple[str, model.Cell], era: Era, device: str
) -> MeasuredRatio | None:
    """The median over the works of `rule` of figure(of) / figure(over), or what `drawn_ratio` says of figures that were
    drawn; None where one is missing, or is zero.

    Args:
        rule: its `works` are ids of cases, its `quantity` the name of a figure that they keep.
        of: the cell of `rule.measure` that speaks for its subject.
        over: one of `rule.over`, and its cell.
        era: of the verdict that it is for.
        device: of that verdict.
    """
    subject, other = over
    if rule.modes != DEFAULT_MODES:
        return None
    levels: list[Level] = [level for cell in (of, other) for level in _levels(cell, rule)]
    level = weakest(levels) if levels else None
    if level is None:
        return None
    counts: tuple[Counted, ...] = ()
    if is_drawn((of, other), rule.quantity):
        figure = drawn_ratio(_cases(of, rule), _cases(other, rule), rule.works, rule.quantity)
    else:
        counts = _counts(of, other, rule)
        figure = _ratio(counts, _untried(of, rule), _untried(other, rule)) if counts else None
    if figure is None:
        return None
    return MeasuredRatio(
        measure=rule.measure,
        quantity=rule.quantity,
        of=rule.of,
        over=subject,
        mode=DEFAULT_MODES[0],
        works=rule.works,
        era=era,
        device=device,
        figure=figure,
        level=level,
        environments=tuple(sorted({of.environment, other.environment})),
        counts=counts,
    )


def untried(quantity: str) -> str:
    """What the figure is called that says of how many nothing is known."""
    return f"{quantity}, not tried"


def _counts(of: model.Cell, over: model.Cell, rule: Ratio) -> tuple[Counted, ...]:
    """Both counts of each work; none where one is missing, or is zero in the other."""
    mine, theirs = (
        {
            work: case.figures[rule.quantity].value
            for work, case in _cases(cell, rule).items()
            if rule.quantity in case.figures
        }
        for cell in (of, over)
    )
    if set(mine) != set(rule.works) or set(theirs) != set(rule.works) or not all(theirs.values()):
        return ()
    return tuple(Counted(work=work, of=mine[work], over=theirs[work]) for work in rule.works)


def _ratio(counts: Sequence[Counted], mine: Mapping[str, float], theirs: Mapping[str, float]) -> Figure:
    """The median over the works. `mine` and `theirs`: of each work, how many were not tried."""
    middle = statistics.median(each.of / each.over for each in counts)
    if not any((*mine.values(), *theirs.values())):
        return Figure(value=middle, unit="1")
    low = statistics.median(each.of / (each.over + theirs[each.work]) for each in counts)
    high = statistics.median((each.of + mine[each.work]) / each.over for each in counts)
    return Figure(value=middle, unit="1", low=low, high=high)


def _untried(cell: model.Cell, rule: Ratio) -> Mapping[str, float]:
    name = untried(rule.quantity)
    return {
        work: case.figures[name].value if name in case.figures else 0.0 for work, case in _cases(cell, rule).items()
    }


def _cases(cell: model.Cell, rule: Ratio) -> Mapping[str, model.CellCase]:
    """Work to case, of those that have passed."""
    return {case.case: case for case in cell.cases if case.case in rule.works and _passed(case)}


def _levels(cell: model.Cell, rule: Ratio) -> list[Level]:
    return [case.level for case in cell.cases if case.case in rule.works and case.level is not None]


def _passed(case: model.CellCase) -> bool:
    return bool(case.attempts) and case.attempts[-1].outcome is Outcome.PASSED
