"""From paired rounds to an interval: a trimmed mean of log-ratios over pairs of processes, with Student's t.

A block A B B A gives one log-ratio, the mean of A's two less the mean of B's: whatever drifts evenly over the block
cancels. Blocks of one build share where weights and results lie in memory, and builds of one pair of processes share
where the program and its libraries do; both move times by more than the rounds show (Mytkowicz and others, 2009). So a
build gives one value, the median of its blocks, a pair of processes one, the median of its builds, and the interval is
over pairs: of nested repetitions the outermost are what varies independently (Kalibera and Jones, 2013).

Pairs are few, a dozen, and now and then something else on the machine disturbs one. The percentile bootstrap of a
median is too narrow for so few: at 99 % it misses the true ratio in 4.5 % of sets of ten (benchmarks/README.md). The
mean without the lowest and the highest fifth, its error from the winsorized variance, and t with as many degrees of
freedom as pairs are left less one (Tukey and McLaughlin, 1963; Yuen, 1974) keeps what it says, and does not mind the
disturbed ones.
"""

from __future__ import annotations

from typing import Any, Hashable, Sequence

import attrs
import numpy as np

from fwconformance.duels._records import Block, Duel

CONFIDENCE = 0.99
#: Two contestants are called different where the whole interval lies further from 1 than this: a smaller difference is
#: of no use to anybody.
MARGIN = 0.01
#: Of the sorted ratios of pairs, at either end.
_TRIMMED = 0.2
_DRAWS = 20_000
_LARGEST = 300.0  # log of a ratio


@attrs.frozen(kw_only=True)
class Interval:
    """A ratio with its interval: `low` <= `ratio` <= `high`, all positive."""

    ratio: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """High over low, less 1."""
        return self.high / self.low - 1.0


@attrs.frozen(kw_only=True)
class _Estimate:
    """Of a log-ratio: its standard error is 0 and has no degrees of freedom where there is one value alone."""

    middle: float
    error: float
    freedom: int


def log_ratios(blocks: Sequence[Block]) -> Any:
    """log(time of a / time of b) of each block, float64 (blocks,)."""
    found = []
    for block in blocks:
        by = {"A": [], "B": []}  # type: dict[str, list[float]]
        for who, seconds in zip(block.order, block.seconds):
            by[who].append(float(np.log(seconds)))
        found.append(np.mean(by["A"]) - np.mean(by["B"]))
    return np.array(found, dtype=np.float64)


def independent_ratios(blocks: Sequence[Block]) -> Any:
    """log(time of a / time of b) of each pair of processes, float64 (pairs,): the median over builds of the median over
    blocks. Of each build where there was one pair alone (a duel cut short, or a file of before there were more), and
    of each block where there was one build alone.
    """
    ratios = log_ratios(blocks)
    if len({block.process for block in blocks}) > 1:
        builds = [(block.process, block.build) for block in blocks]
        found, pairs = _medians(ratios, builds), [process for process, _ in dict.fromkeys(builds)]
        return _medians(found, pairs)
    if len({block.build for block in blocks}) > 1:
        return _medians(ratios, [block.build for block in blocks])
    return ratios


def interval(blocks: Sequence[Block], *, confidence: float = CONFIDENCE) -> Interval:
    """The ratio that `blocks` show, with its interval. Raises ValueError without a block."""
    found = _estimate(blocks)
    reach = found.error * _t(confidence, found.freedom) if found.freedom else 0.0
    return _interval(found.middle, found.middle - reach, found.middle + reach)


def interval_of(duel: Duel) -> Interval:
    """The interval that `duel` was recorded with."""
    return Interval(ratio=duel.ratio, low=duel.low, high=duel.high)


def over_works(works: Sequence[Sequence[Block]], *, seed: int, confidence: float = CONFIDENCE) -> Interval:
    """The median over works of each one's ratio, with its interval: that of medians of values drawn around each ratio
    by its error, from Student's t.
    """
    if len(works) == 1:
        return interval(works[0], confidence=confidence)
    found = [_estimate(blocks) for blocks in works]
    rng = np.random.default_rng(seed)
    drawn = [each.middle + each.error * rng.standard_t(max(1, each.freedom), size=_DRAWS) for each in found]
    outside = (1.0 - confidence) / 2.0
    low, high = np.quantile(np.median(np.stack(drawn), axis=0), [outside, 1.0 - outside])
    return _interval(float(np.median([each.middle for each in found])), float(low), float(high))


def differs(found: Interval, margin: float = MARGIN) -> bool:
    """Whether the two are called different."""
    return found.low > 1.0 + margin or found.high < 1.0 / (1.0 + margin)


def _medians(values: Any, groups: Sequence[Hashable]) -> Any:
    """The median of each group of `values`, in the order in which groups first appear."""
    by_group: dict[Hashable, list[float]] = {}
    for group, value in zip(groups, values):
        by_group.setdefault(group, []).append(float(value))
    return np.array([np.median(found) for found in by_group.values()], dtype=np.float64)


def _estimate(blocks: Sequence[Block]) -> _Estimate:
    if not blocks:
        raise ValueError("no rounds: an interval needs one block at least")
    ratios = np.sort(independent_ratios(blocks))
    count = len(ratios)
    cut = int(_TRIMMED * count)
    kept = ratios[cut : count - cut]
    if count == 1:
        return _Estimate(middle=float(kept[0]), error=0.0, freedom=0)
    winsorized = np.clip(ratios, kept[0], kept[-1])
    freedom = len(kept) - 1
    error = (float(np.sum((winsorized - np.mean(winsorized)) ** 2)) / (len(kept) * freedom)) ** 0.5
    return _Estimate(middle=float(np.mean(kept)), error=error, freedom=freedom)


def _t(confidence: float, freedom: int) -> float:
    from scipy.stats import t  # type: ignore[import-untyped, unused-ignore]

    return float(t.ppf((1.0 + confidence) / 2.0, freedom))


def _interval(middle: float, low: float, high: float) -> Interval:
    """From logs."""
    return Interval(ratio=_ratio(middle), low=_ratio(min(low, middle)), high=_ratio(max(high, middle)))


def _ratio(log: float) -> float:
    """Finite, and to nine digits: the last ones differ between builds of SciPy."""
    return float(f"{np.exp(np.clip(log, -_LARGEST, _LARGEST)):.9g}")
