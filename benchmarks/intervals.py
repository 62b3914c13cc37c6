"""How often intervals over pairs of processes say what is so: Yuen's, which duels use, beside two others.

    python benchmarks/intervals.py benchmarks/readings/2026-11-29-pairs-of-processes.json

The readings are rounds of pairs of processes that do the same, three builds in each. A set is so many pairs, drawn with
replacement and turned round by a coin, of each of which four rounds are drawn and taken as builds. The true ratio is 1,
or 1.05 where one side is slowed down by that much. Needs NumPy and SciPy.
"""

from __future__ import annotations

import argparse
import json
import pathlib
from typing import Any, Callable

import numpy as np
from scipy import stats

from fwconformance.duels import MARGIN, Block, Interval, differs, interval
from fwconformance.duels._statistics import log_ratios

SETS, RESAMPLES, CONFIDENCE = 3000, 1000, 0.99
SLOWED = 0.05
DISTURBED = 0.08  # of pairs, by a fifth of their time to either side


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readings", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, nargs="+", default=[6, 8, 10, 13])
    asked = parser.parse_args()
    rounds = [
        Block(**{**each, "seconds": tuple(each["seconds"])})
        for each in json.loads(asked.readings.read_text(encoding="utf-8"))
    ]
    logs = log_ratios(rounds)
    by_pair = np.array([logs[[each.process == pair for each in rounds]] for pair in _pairs(rounds)])
    print(f"{len(by_pair)} pairs of {by_pair.shape[1]} rounds; {SETS} sets")
    print("| interval | pairs | disturbed | misses | called different | 5 % found | width |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for disturbed in (0.0, DISTURBED):
        for pairs in asked.pairs:
            for name, of in INTERVALS.items():
                rng = np.random.default_rng(pairs)
                sets = [_drawn(by_pair, pairs, disturbed, rng) for _ in range(SETS)]
                alike = [of(each, rng) for each in sets]
                slowed = [of(each + np.log1p(SLOWED), rng) for each in sets]
                told = [
                    np.mean([not each.low <= 1.0 <= each.high for each in alike]),
                    np.mean([differs(each) for each in alike]),
                    np.mean([each.low > 1.0 + MARGIN for each in slowed]),
                    np.median([each.width for each in alike]),
                ]
                cells = " | ".join(f"{each:.1%}" for each in told)
                print(f"| {name} | {pairs} | {disturbed:.0%} | {cells} |", flush=True)


def _pairs(rounds: list[Block]) -> list[int]:
    return sorted({each.process for each in rounds})


def _drawn(by_pair: Any, pairs: int, disturbed: float, rng: np.random.Generator) -> Any:
    """Log-ratios, (pairs, 4)."""
    some = by_pair[rng.integers(len(by_pair), size=pairs)]
    some = rng.permuted(some, axis=1)[:, :4] * rng.choice([-1, 1], size=(pairs, 1))
    hit = rng.random((pairs, 1)) < disturbed
    return some + hit * rng.choice([-0.2, 0.2], size=(pairs, 1))


def yuen(logs: Any, rng: np.random.Generator) -> Interval:
    """As duels do."""
    del rng
    blocks = [
        Block(order="ABBA", seconds=(ratio, 1.0, 1.0, ratio), build=1 + build, process=1 + pair)
        for pair, builds in enumerate(np.exp(logs))
        for build, ratio in enumerate(builds)
    ]
    return interval(blocks, confidence=CONFIDENCE)


def student(logs: Any, rng: np.random.Generator) -> Interval:
    """Of the mean of pairs, each the median of its builds."""
    del rng
    pairs = np.median(logs, axis=1)
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, len(pairs) - 1) * stats.sem(pairs)
    return _interval(np.mean(pairs), np.mean(pairs) - reach, np.mean(pairs) + reach)


def bootstrap(logs: Any, rng: np.random.Generator) -> Interval:
    """Percentiles of the median over all builds, pairs drawn anew."""
    medians = np.median(logs[rng.integers(len(logs), size=(RESAMPLES, len(logs)))].reshape(RESAMPLES, -1), axis=1)
    low, high = np.quantile(medians, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return _interval(np.median(logs), low, high)


INTERVALS: dict[str, Callable[[Any, np.random.Generator], Interval]] = {
    "Yuen's": yuen,
    "Student's of the mean": student,
    "percentile bootstrap of the median": bootstrap,
}


def _interval(middle: float, low: float, high: float) -> Interval:
    return Interval(ratio=float(np.exp(middle)), low=float(np.exp(low)), high=float(np.exp(high)))


if __name__ == "__main__":
    main()
