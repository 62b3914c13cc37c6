"""How a duel is held."""

from __future__ import annotations

import os

import attrs


def usable_processors() -> int:
    """How many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@attrs.frozen(kw_only=True)
class Plan:
    """How a duel is held.

    Attributes:
        seed: of weights, batch and order of turns.
        budget: seconds of turns, of building and of starting; at least `fewest` pairs of processes are timed all the
            same.
        width: the interval is narrow enough where high / low - 1 is at most this: by default, one per cent to either
            side, within which nothing is called different.
        threads: processors of each contestant.
        fewest: pairs of processes; an interval over fewer is too wide to be of use.
        checks: whether results are compared with the oracle's.
        calls_step: calls of a turn are a multiple of this; where it is more than 1, of as many on both sides.
    """

    seed: int = 0
    budget: float = 60.0
    width: float = 0.02
    threads: int = attrs.field(factory=usable_processors)
    fewest: int = 8
    checks: bool = True
    calls_step: int = 1
