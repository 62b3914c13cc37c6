"""One duel: both warm, turns in blocks of four, both built anew between them, until the interval is narrow or the time
is spent.

Where weights and results lie in memory moves times by some per cent, for as long as they lie there. So both sides are
built anew every few blocks, beside blocks of memory of random sizes that shift what comes after them (after Curtsinger
and Berger, 2013), and it is builds that the interval draws from.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import tempfile
import time
from typing import Callable

import attrs
import numpy as np

from fwconformance.duels._check import check
from fwconformance.duels._player import Player, Started
from fwconformance.duels._records import Block, Duel
from fwconformance.duels._statistics import CONFIDENCE, Interval, interval
from fwconformance.plugin._identity import processor
from fwconformance.works import Work

#: Seconds that a turn shall last: long beside a clock's tick and a scheduler's slice, short beside a drift.
_TURN = 0.1
#: How many builds there are when the interval is looked at. Few looks, at fixed places.
_LOOKS = (10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640, 960)
#: Blocks of one build: until turns have taken as long as building did, so that half of the time at most goes into it,
#: and no more than this, since a further block of a build tells less than one of another.
_BLOCKS = 8
#: Blocks of memory that are held while a side is built: how many, and how many bytes each at most.
_TAKEN, _TAKEN_BYTES = 16, 2**16


def usable_processors() -> int:
    """How many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@attrs.frozen(kw_only=True)
class Plan:
    """How a duel is held.

    Attributes:
        seed: of weights, batch, order of turns and bootstrap.
        budget: seconds of turns and of building; at least `fewest` builds are timed all the same.
        width: the interval is narrow enough where high / low - 1 is at most this: by default, one per cent to either
            side, within which nothing is called different.
        threads: processors of each contestant.
        fewest: builds; an interval at 99 % of the median of fewer is too narrow whatever they show.
        checks: whether results are compared with the oracle's.
        calls_step: calls of a turn are a multiple of this.
    """

    seed: int = 0
    budget: float = 60.0
    width: float = 0.02
    threads: int = attrs.field(factory=usable_processors)
    fewest: int = 8
    checks: bool = True
    calls_step: int = 1


#: Told after each build how many there are, the interval so far, and seconds spent.
Watcher = Callable[[int, Interval, float], None]


def fight(a: Player, b: Player, work: Work, plan: Plan, watch: Watcher | None = None) -> Duel:
    """Let `a` and `b` do `work` in turns. KeyboardInterrupt ends it early, with what was measured by then.

    Raises DuelError (`Refused`, `Wrong`) where a contestant cannot do the work or does it wrongly; KeyboardInterrupt
    where there is nothing measured yet.
    """
    started, clock = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), time.monotonic()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fwconformance-duel-")))
        sides = []
        for label, player in (("a", a), ("b", b)):
            side = stack.enter_context(Started(player, threads=plan.threads, folder=folder, label=label))
            side.prepare(work.id, plan.seed)
            sides.append(side)
            side.halt()
        errors = [0.0, 0.0]
        if plan.checks:
            errors = [_checked(side, work, plan.seed, fresh=True) for side in sides]
        calls = tuple(_calibrate(side, plan.calls_step) for side in sides)
        for side in sides:
            side.note_costs()
        blocks, stopped = _rounds(sides, calls, plan, watch)
        if not blocks:
            raise KeyboardInterrupt
        if plan.checks and stopped != "interrupted":
            try:
                after = [_checked(side, work, plan.seed, fresh=False) for side in sides]
                errors = [max(pair) for pair in zip(errors, after)]
            except KeyboardInterrupt:  # all rounds are there
                stopped = "interrupted"
        contestants = [side.contestant(error) for side, error in zip(sides, errors)]
    found = interval(blocks, seed=plan.seed)
    return Duel(
        work=work.id,
        a=contestants[0],
        b=contestants[1],
        seed=plan.seed,
        calls=(calls[0], calls[1]),
        blocks=tuple(blocks),
        ratio=found.ratio,
        low=found.low,
        high=found.high,
        confidence=CONFIDENCE,
        stopped=stopped,
        started=started,
        seconds=time.monotonic() - clock,
        machine=f"{processor()}, {usable_processors()} processors",
    )


def _checked(side: Started, work: Work, seed: int, *, fresh: bool) -> float:
    return check(side.player.name, work, seed, side.show(), fresh=fresh, mode=side.mode)


def _calibrate(side: Started, step: int) -> int:
    """Calls of a turn: about `_TURN` seconds' worth, measured once everything is compiled and chosen."""
    side.turn(1, 2)
    seconds = side.turn(1, 0)
    if seconds < _TURN:
        seconds = side.turn(max(1, round(_TURN / seconds / 2)), 0)
    return max(1, round(_TURN / seconds / step)) * step


def _rounds(sides: list[Started], calls: tuple[int, ...], plan: Plan, watch: Watcher | None) -> tuple[list[Block], str]:
    blocks: list[Block] = []
    begun = time.monotonic()
    rng = np.random.default_rng(plan.seed)
    try:
        for build in itertools.count(1):
            building = _build_anew(sides, rng)
            timing, until = time.monotonic(), len(blocks) + _BLOCKS
            while True:
                # ABBA or BAAB, drawn.
                blocks.append(_block("ABBA" if rng.integers(2) else "BAAB", sides, calls, build))
                if time.monotonic() - timing >= building or len(blocks) == until:
                    break
            spent = time.monotonic() - begun
            if build in _LOOKS or watch is not None:
                so_far = interval(blocks, seed=plan.seed)
                if watch is not None:
                    watch(build, so_far, spent)
                if build in _LOOKS and so_far.width <= plan.width:
                    return blocks, "width"
            if spent >= plan.budget and build >= plan.fewest:
                return blocks, "budget"
    except KeyboardInterrupt:
        return blocks, "interrupted"
    raise AssertionError("counting ended")


def _build_anew(sides: list[Started], rng: np.random.Generator) -> float:
    """Build both anew. Gives the seconds that it took."""
    begun = time.monotonic()
    for side in sides:
        side.rebuild([int(size) for size in rng.integers(1, _TAKEN_BYTES, size=_TAKEN)])
    return time.monotonic() - begun


def _block(order: str, sides: list[Started], calls: tuple[int, ...], build: int) -> Block:
    seconds = []
    last = ""
    for who in order:
        number = "AB".index(who)
        # In the middle of a block the same contestant has two turns running: nothing disturbed it in between.
        warm = 0 if who == last else 1
        seconds.append(sides[number].turn(calls[number], warm))
        last = who
    return Block(order=order, seconds=(seconds[0], seconds[1], seconds[2], seconds[3]), build=build)
