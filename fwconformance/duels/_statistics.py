"""From paired rounds to an interval: the percentile bootstrap (Efron, 1979) on the median of paired log-ratios.

A block A B B A gives one log-ratio, the mean of A's two less the mean of B's: whatever drifts evenly over the block
cancels. Blocks of one build share where weights and results lie in memory, which moves times by more than the rounds
show (Mytkowicz and others, 2009), so a build gives one value, the median of its blocks, and builds are what is drawn
anew: of nested repetitions the outermost (Kalibera and Jones, 2013). The median does not mind the builds that something
else on the machine disturbed.
"""

from __future__ import annotations

from typing import Any, Sequence

import attrs
import numpy as np

from fwconformance.duels._records import Block, Duel

CONFIDENCE = 0.99
RESAMPLES = 4000
#: Two contestants are called different where the whole interval lies further from 1 than this: a smaller difference is
#: of no use to anybody, and two processes of one program may differ by as much.
MARGIN = 0.01


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


def log_ratios(blocks: Sequence[Block]) -> Any:
    """log(time of a / time of b) of each block, float64 (blocks,)."""
    found = []
    for block in blocks:
        by = {"A": [], "B": []}  # type: dict[str, list[float]]
        for who, seconds in zip(block.order, block.seconds):
            by[who].append(float(np.log(seconds)))
        found.append(np.mean(by["A"]) - np.mean(by["B"]))
    return np.array(found, dtype=np.float64)


def build_ratios(blocks: Sequence[Block]) -> Any:
    """log(time of a / time of b) of each build, float64 (builds,); blocks of no numbered build count by themselves."""
    by_build: dict[Any, list[float]] = {}
    for place, (block, ratio) in enumerate(zip(blocks, log_ratios(blocks))):
        by_build.setdefault(block.build or ("alone", place), []).append(float(ratio))
    return np.array([np.median(found) for found in by_build.values()], dtype=np.float64)


def interval(blocks: Sequence[Block], *, seed: int, confidence: float = CONFIDENCE) -> Interval:
    """The median ratio of the builds of `blocks` with its interval. Raises ValueError without a block."""
    ratios = build_ratios(blocks)
    (found,) = _medians([ratios], seed=seed)
    return _interval(float(np.median(ratios)), found, confidence)


def interval_of(duel: Duel) -> Interval:
    """The interval that `duel` was recorded with."""
    return Interval(ratio=duel.ratio, low=duel.low, high=duel.high)


def over_works(works: Sequence[Sequence[Block]], *, seed: int, confidence: float = CONFIDENCE) -> Interval:
    """The median over works of each one's median ratio, with its interval: builds are resampled within each work."""
    logs = [build_ratios(blocks) for blocks in works]
    middle = float(np.median([np.median(each) for each in logs]))
    return _interval(middle, np.median(np.stack(_medians(logs, seed=seed)), axis=0), confidence)


def differs(found: Interval, margin: float = MARGIN) -> bool:
    """Whether the two are called different."""
    return found.low > 1.0 + margin or found.high < 1.0 / (1.0 + margin)


def _medians(logs: Sequence[Any], *, seed: int) -> list[Any]:
    if not logs or any(not len(each) for each in logs):
        raise ValueError("no rounds: an interval needs one block at least")
    rng = np.random.default_rng(seed)
    return [np.median(rng.choice(each, size=(RESAMPLES, len(each))), axis=1) for each in logs]


def _interval(middle: float, resampled: Any, confidence: float) -> Interval:
    outside = (1.0 - confidence) / 2.0
    low, high = np.quantile(resampled, [outside, 1.0 - outside])
    return Interval(
        ratio=float(np.exp(middle)), low=float(np.exp(min(low, middle))), high=float(np.exp(max(high, middle)))
    )
