"""Campaigns: how often the instrument is wrong. Many duels of one contestant with itself, as it is or slowed down.

Each duel has a seed of its own, so that weights, orders and resamplings differ. Duels are appended to a file and a
campaign goes on where it was; whether another one is held depends on how many there are, never on what they showed.
"""

from __future__ import annotations

import pathlib
from typing import Callable, Sequence

import attrs
import numpy as np

from fwconformance.duels._fight import fight
from fwconformance.duels._plan import Plan
from fwconformance.duels._player import Player
from fwconformance.duels._records import OBSERVED, Duel, append, held_in
from fwconformance.duels._session import Bout
from fwconformance.duels._statistics import differs, interval_of
from fwconformance.matrix import CampaignRow, RateRow
from fwconformance.works import Work

#: So many duels of a contestant with itself, at one work, are no controls of a session any more.
_MANY = 10
#: Of the bounds on rates.
_CONFIDENCE = 0.95
#: What pytest-benchmark's `--benchmark-compare-fail` is given in its documentation.
_THRESHOLD = 0.05
#: Below which asv's continuous comparison calls a Mann-Whitney test's p-value a change, by default.
_P_VALUE = 0.002


@attrs.frozen(kw_only=True)
class Rate:
    """How often something was said: `hits` of `duels`, with one-sided 95 % bounds (Clopper and Pearson, 1934)."""

    hits: int
    duels: int

    @property
    def value(self) -> float:
        return self.hits / self.duels if self.duels else float("nan")

    @property
    def at_most(self) -> float:
        """Upper bound."""
        return _quantile(_CONFIDENCE, self.hits + 1, self.duels - self.hits) if self.hits < self.duels else 1.0

    @property
    def at_least(self) -> float:
        """Lower bound."""
        return _quantile(1 - _CONFIDENCE, self.hits, self.duels - self.hits + 1) if self.hits else 0.0


@attrs.frozen(kw_only=True)
class Campaign:
    """What a set of duels of one contestant on one work, with the same planted slowdown, showed.

    Attributes:
        contestant: its name. threads: that it may use. work: id of the work.
        extra: the slowdown, a fraction; 0 for pairs of the same.
        different: called different by us. threshold: by comparing medians with 5 %, as pytest-benchmark's users do.
        unpaired: by an unpaired Mann-Whitney test at p = 0.002, as asv does.
    """

    contestant: str
    threads: int
    work: str
    extra: float
    different: Rate
    threshold: Rate
    unpaired: Rate


def hold_campaign(
    player: Player,
    work: Work,
    plan: Plan,
    output: pathlib.Path,
    *,
    count: int,
    extra: float = 0.0,
    tell: Callable[[int, Duel], None] | None = None,
) -> None:
    """Append duels of `player` with itself to `output` until it has `count` with that slowdown.

    With a slowdown, every second duel has it on the other side. Raises DuelError as `fight` does, RecordError where
    `output` cannot be read, KeyboardInterrupt on Ctrl-C, after the duel that it cut short was written down; that one
    counts nowhere and is held again.
    """
    known = held_in(output)
    slow = attrs.evolve(player, extra=extra)
    for seed in range(plan.seed, plan.seed + count):
        a, b = (slow, player) if seed % 2 else (player, slow)
        bout = Bout(a=a, b=b, work=work)
        if any(
            duel.seed == seed and duel.processes and duel.stopped != "interrupted" and bout.was(duel) for duel in known
        ):
            continue
        duel = fight(a, b, work, attrs.evolve(plan, seed=seed))
        append(output, duel)
        if duel.stopped == "interrupted":
            raise KeyboardInterrupt
        if tell is not None:
            tell(seed, duel)


def campaigns(duels: Sequence[Duel]) -> tuple[Campaign, ...]:
    """What `duels` of contestants with themselves showed, by contestant, threads, work and slowdown, without others."""
    return tuple(
        Campaign(
            contestant=contestant,
            threads=threads,
            work=work,
            extra=extra,
            different=_rate(found, lambda duel: differs(interval_of(duel))),
            threshold=_rate(found, by_threshold),
            unpaired=_rate(found, unpaired),
        )
        for (contestant, threads, work, extra), found in sorted(_alike(duels).items())
    )


def _alike(duels: Sequence[Duel]) -> dict[tuple[str, int, str, float], list[Duel]]:
    """Duels of contestants with themselves by contestant, threads, work and slowdown."""
    alike: dict[tuple[str, int, str, float], list[Duel]] = {}
    for duel in duels:
        plain = [attrs.evolve(each, extra=0.0, **OBSERVED) for each in (duel.a, duel.b)]
        if plain[0] == plain[1] and duel.stopped != "interrupted":
            alike.setdefault((duel.a.name, duel.a.threads, duel.work, _extra(duel)), []).append(duel)
    return alike


def single_duels(duels: Sequence[Duel]) -> tuple[Duel, ...]:
    """Those of `duels` that are no part of a campaign, in their order."""
    held = {id(duel) for found in _alike(duels).values() for duel in found if _extra(duel) or len(found) >= _MANY}
    return tuple(duel for duel in duels if id(duel) not in held)


def campaign_rows(duels: Sequence[Duel]) -> tuple[CampaignRow, ...]:
    """The campaigns among `duels` as a matrix shows them: slowdowns, and at least ten duels of the same."""
    return tuple(
        CampaignRow(
            contestant=each.contestant,
            threads=each.threads,
            work=each.work,
            slowdown=each.extra,
            **{name: _row(getattr(each, name)) for name in ("different", "threshold", "unpaired")},
        )
        for each in campaigns(duels)
        if each.extra or each.different.duels >= _MANY
    )


def _row(rate: Rate) -> RateRow:
    # Bounds to what is shown of them: the last digits differ between builds of SciPy.
    return RateRow(hits=rate.hits, duels=rate.duels, at_least=round(rate.at_least, 6), at_most=round(rate.at_most, 6))


def by_threshold(duel: Duel) -> bool:
    """Whether the medians of the turns differ by more than 5 %: a point estimate against a threshold."""
    a, b = (float(np.median(each)) for each in _seconds(duel))
    return max(a, b) / min(a, b) > 1.0 + _THRESHOLD


def unpaired(duel: Duel) -> bool:
    """Whether a two-sided Mann-Whitney test of the turns' times, taken as unpaired, gives p below 0.002."""
    from scipy.stats import mannwhitneyu  # type: ignore[import-untyped, unused-ignore]

    return bool(mannwhitneyu(*_seconds(duel), alternative="two-sided").pvalue < _P_VALUE)


def _seconds(duel: Duel) -> tuple[list[float], list[float]]:
    found: dict[str, list[float]] = {"A": [], "B": []}
    for block in duel.blocks:
        for who, seconds in zip(block.order, block.seconds):
            found[who].append(seconds)
    return found["A"], found["B"]


def _extra(duel: Duel) -> float:
    return max(duel.a.extra, duel.b.extra)


def _rate(duels: Sequence[Duel], says: Callable[[Duel], bool]) -> Rate:
    return Rate(hits=sum(says(duel) for duel in duels), duels=len(duels))


def _quantile(probability: float, a: float, b: float) -> float:
    from scipy.stats import beta  # type: ignore[import-untyped, unused-ignore]

    return float(beta.ppf(probability, a, b))
