"""Measured ratios and what their intervals say about a margin.

A ratio of times is quantity(of) / quantity(over), paired round by round in one run on one machine, as the median over
the works, with an interval. The answer comes from the interval's bound; where it lies on both sides of the margin it
straddles. A ratio of counts is exact: the answer comes from the ratio itself, but where some of what is counted was not
tried: then it has an interval too.
"""

from __future__ import annotations

from typing import Sequence

import attrs

from fwconformance.evidence import Era, Figure, Level
from fwconformance.registry import Ratio
from fwconformance.verdicts._truth import Truth, all_of, at_least


@attrs.frozen(kw_only=True)
class Counted:
    """What was counted of one work: figures of the rule's `of`, and of the other."""

    work: str
    of: float
    over: float


@attrs.frozen(kw_only=True)
class _Asked:
    """Of what a ratio is.

    Attributes:
        measure, quantity, of, over, mode, works: as in the rule (`registry.Ratio`), `over` and `mode` one each.
    """

    measure: str
    quantity: str
    of: str
    over: str
    mode: str
    works: tuple[str, ...]
    era: Era
    device: str


@attrs.frozen(kw_only=True)
class MeasuredRatio(_Asked):
    """One measured ratio of two subjects.

    Attributes:
        figure: the ratio, unit "1", with its interval `low` and `high`; none where it is one of counts, all known.
        level: how strong the evidence is. environments: where it was measured, sorted.
        counts: what one of counts is made of, a work each, in the order of `works`; empty for one that was estimated.
    """

    figure: Figure
    level: Level
    environments: tuple[str, ...]
    counts: tuple[Counted, ...] = ()


@attrs.frozen(kw_only=True)
class MissingWorks(_Asked):
    """What keeps a ratio from being one: `missing` of its `works`."""

    missing: tuple[str, ...]


@attrs.frozen(kw_only=True)
class RatioFold:
    """What measured ratios say about a rule; `used`: those that it looked at; `lacking`: (over, mode) without one."""

    truth: Truth
    used: tuple[MeasuredRatio, ...] = ()
    lacking: tuple[tuple[str, str], ...] = ()


def fold_ratio(rule: Ratio, measured: Sequence[MeasuredRatio]) -> RatioFold:
    """Fold the ratios that `rule` asks for: within a mode enough of the others, and each mode by itself.

    Ratios over other works than the rule's are not what it asks for. Raises ValueError where one is there twice.
    """
    used: list[MeasuredRatio] = []
    lacking: list[tuple[str, str]] = []
    modes: list[Truth] = []
    for mode in rule.modes:
        pairs: list[Truth] = []
        for over in rule.over:
            found = [each for each in measured if answers(each, rule, over, mode)]
            if len(found) > 1:
                raise ValueError(f"{rule.measure}: {rule.of} over {over} ({mode}) was measured twice; give one of them")
            used += found
            if not found:
                lacking.append((over, mode))
            pairs.append(against_margin(rule, found[0].figure, exact=_is_exact(found[0])) if found else Truth.UNKNOWN)
        modes.append(at_least(rule.needed, pairs))
    return RatioFold(truth=all_of(modes), used=tuple(used), lacking=tuple(lacking))


def _is_exact(measured: MeasuredRatio) -> bool:
    return bool(measured.counts) and measured.figure.low is None


def against_margin(rule: Ratio, figure: Figure, *, exact: bool = False) -> Truth:
    """Where the interval of `figure` lies; an `exact` one is its own. Without an interval nothing else is known."""
    low, high = (figure.value, figure.value) if exact else (figure.low, figure.high)
    if low is None or high is None:
        return Truth.UNKNOWN
    if rule.above is not None:
        beyond, within = low > rule.above, high <= rule.above
    elif rule.at_most is not None:
        beyond, within = high <= rule.at_most, low > rule.at_most
    else:
        raise ValueError(f"{rule.measure}: a ratio without a margin decides nothing; give above or at_most")
    if beyond:
        return Truth.TRUE
    return Truth.FALSE if within else Truth.STRADDLES


def answers(measured: _Asked, rule: Ratio, over: str, mode: str) -> bool:
    """Whether it is of what `rule` asks for, of that pair in that mode."""
    asked = (rule.measure, rule.quantity, rule.of, over, mode, tuple(sorted(rule.works)))
    given = (
        measured.measure,
        measured.quantity,
        measured.of,
        measured.over,
        measured.mode,
        tuple(sorted(measured.works)),
    )
    return asked == given
