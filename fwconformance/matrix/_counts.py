"""Ratios of exact figures: what two columns counted of the same works, as the cases of one capability.

Times vary, and need duels with an interval. A count does not: where both columns' shards carry a figure of the same
name for the same cases, the ratio is known as soon as both have passed.
"""

from __future__ import annotations

import statistics
from typing import Mapping

from fwconformance.evidence import Era, Figure, Level, Outcome, weakest
from fwconformance.matrix import _model as model
from fwconformance.registry import DEFAULT_MODES, Ratio
from fwconformance.verdicts import Counted, MeasuredRatio


def counted_ratio(
    rule: Ratio, of: model.Cell, over: tuple[str, model.Cell], era: Era, device: str
) -> MeasuredRatio | None:
    """The median over the works of `rule` of figure(of) / figure(over); None where one is missing, or is zero.

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
    mine, theirs = _figures(of, rule), _figures(other, rule)
    levels: list[Level] = [level for cell in (of, other) for level in _levels(cell, rule)]
    if set(mine) != set(rule.works) or set(theirs) != set(rule.works) or not all(theirs.values()) or not levels:
        return None
    counts = tuple(Counted(work=work, of=mine[work], over=theirs[work]) for work in rule.works)
    level = weakest(levels)
    assert level is not None
    return MeasuredRatio(
        measure=rule.measure,
        quantity=rule.quantity,
        of=rule.of,
        over=subject,
        mode=DEFAULT_MODES[0],
        works=rule.works,
        era=era,
        device=device,
        figure=Figure(value=statistics.median(each.of / each.over for each in counts), unit="1"),
        level=level,
        environments=tuple(sorted({of.environment, other.environment})),
        counts=counts,
    )


def _figures(cell: model.Cell, rule: Ratio) -> Mapping[str, float]:
    """Work to figure, of the works whose case has passed."""
    return {
        case.case: case.figures[rule.quantity].value
        for case in cell.cases
        if case.case in rule.works and _passed(case) and rule.quantity in case.figures
    }


def _levels(cell: model.Cell, rule: Ratio) -> list[Level]:
    return [case.level for case in cell.cases if case.case in rule.works and case.level is not None]


def _passed(case: model.CellCase) -> bool:
    return bool(case.attempts) and case.attempts[-1].outcome is Outcome.PASSED
