"""What a matrix says of times: duels, how often they are wrong, and how near the machine's limits they came."""

from __future__ import annotations

from typing import Mapping, Sequence

import attrs

from fwconformance.evidence import Figure

#: The capability that no case shows: ratios of times, which duels measure.
PAIRED_TIME = "performance.paired-time"
#: Why its cells are empty in every column.
DUELLED = "compared by duels, not by a case: see the claims that rest on it"


def no_duels(works: Sequence[str]) -> str:
    """Why a ratio of times over `works` is not known; a rule may ask for several works, each alone."""
    what = f"no duels of {works[0]}" if len(works) == 1 else "no duels"
    return f"{what} that decide it were merged: fwconformance duels, then fwconformance merge --duels"


@attrs.frozen(kw_only=True)
class Side:
    """Who took part in a duel. mode: how it ran, `means` in words; best: whether the framework recommends that mode for
    speed; median: seconds a call; script: name of the program, written by hand, that did the work.

    layout, arithmetic: of images in memory, and the libraries that compute; empty where nobody told. Beside the turns,
    0 where it was not measured: start_seconds until the framework was imported, build_seconds to build the network
    from given weights, first_seconds of the first call (of training, after gradients were taken once to be checked),
    peak_bytes of the process.
    """

    environment: str
    framework: str
    backend: str
    device: str
    mode: str
    means: str
    best: bool
    versions: Mapping[str, str]
    threads: int
    median: float
    script: str = ""
    layout: str = ""
    arithmetic: str = ""
    start_seconds: float = 0.0
    build_seconds: float = 0.0
    first_seconds: float = 0.0
    peak_bytes: int = 0

    @property
    def name(self) -> str:
        """ENVIRONMENT, or ENVIRONMENT:MODE where the mode is not the default; of a program, with " by SCRIPT"."""
        plain = self.environment if self.mode == "default" else f"{self.environment}:{self.mode}"
        return f"{plain} by {self.script}" if self.script else plain


@attrs.frozen(kw_only=True)
class DuelRow:
    """One paired comparison of times: `ratio` is a's over b's, with its interval at `confidence`, over `rounds`.

    builds, processes: how often both sides were built and started anew between rounds; 0 where that was once.
    control: both are the same, so the true ratio is 1. stopped: width, budget or interrupted.
    shared: both sides were in one process.
    others: processors at work meanwhile for what is not of the duel, on average; None where nobody looked.
    """

    work: str
    a: Side
    b: Side
    ratio: Figure
    confidence: float
    rounds: int
    stopped: str
    control: bool
    machine: str
    started: str
    builds: int = 0
    processes: int = 0
    others: float | None = None
    shared: bool = False

    @property
    def is_comparison(self) -> bool:
        """Whether it compares environments or modes: it is no control, and no program written by hand takes part."""
        return not (self.control or self.a.script or self.b.script)


@attrs.frozen(kw_only=True)
class RateRow:
    """`hits` of `duels`, with one-sided 95 % bounds of the rate."""

    hits: int
    duels: int
    at_least: float
    at_most: float


@attrs.frozen(kw_only=True)
class CampaignRow:
    """Many duels of one contestant with itself. slowdown: planted on one side, as a fraction of additional work.
    threads: that each side may use; None in documents of before it was kept.

    Each of the others is how often two instruments called the sides different: `different`, this one; `threshold`, the
    medians of the same rounds compared with a threshold of 5 %; `unpaired`, a Mann-Whitney test of them.
    """

    contestant: str
    work: str
    slowdown: float
    different: RateRow
    threshold: RateRow
    unpaired: RateRow
    threads: int | None = None


@attrs.frozen(kw_only=True)
class ThroughputRow:
    """Examples a second of a contestant at a work, the median over its turns in all its duels; `share` of what the
    machine's matrix products allow, None where that was not measured.
    """

    work: str
    contestant: str
    examples: float
    share: float | None


@attrs.frozen(kw_only=True)
class LimitRow:
    """What the machine can do: float32 operations a second in matrix products, bytes copied a second."""

    products: float
    copying: float
    threads: int
    started: str
    by: str
