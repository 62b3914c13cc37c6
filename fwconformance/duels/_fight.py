"""One duel: both warm, turns in blocks of four, until the interval is narrow or the time is spent."""

from __future__ import annotations

import contextlib
import os
import pathlib
import tempfile
import time
from typing import Callable, Iterator

import attrs
import numpy as np

from fwconformance.duels._check import check
from fwconformance.duels._player import DuelError, Player, Started
from fwconformance.duels._records import Block, Duel
from fwconformance.duels._statistics import CONFIDENCE, Interval, interval
from fwconformance.plugin._identity import processor
from fwconformance.works import Work

#: Seconds that a turn shall last: long beside a clock's tick and a scheduler's slice, short beside a drift.
_TURN = 0.1
#: A call shorter than this is made once uncounted at the start of a turn: the other's turn emptied the caches.
_SHORT = 0.2
#: How many blocks there are when the interval is looked at. Few looks, at fixed places.
_LOOKS = (10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 320, 480, 640, 960)


def usable_processors() -> int:
    """How many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@attrs.frozen(kw_only=True)
class Plan:
    """How a duel is held.

    Attributes:
        seed: of weights, batch, order of turns and bootstrap.
        budget: seconds of turns; at least `fewest` blocks are taken all the same.
        width: the interval is narrow enough where high / low - 1 is at most this.
        threads: processors of each contestant.
        fewest: blocks. checks: whether results are compared with the oracle's.
        calls_step: calls of a turn are a multiple of this.
    """

    seed: int = 0
    budget: float = 60.0
    width: float = 0.01
    threads: int = attrs.field(factory=usable_processors)
    fewest: int = 6
    checks: bool = True
    calls_step: int = 1


#: Told after each block how many there are, the interval so far, and seconds spent.
Watcher = Callable[[int, Interval, float], None]


def fight(a: Player, b: Player, work: Work, plan: Plan, watch: Watcher | None = None) -> Duel:
    """Let `a` and `b` do `work` in turns. Ctrl-C ends it early, with what was measured by then.

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
            errors = [check(side.player.name, work, plan.seed, side.show(), fresh=True) for side in sides]
        calls = tuple(_calibrate(side, plan.calls_step) for side in sides)
        blocks, stopped = _rounds(sides, calls, plan, watch)
        if not blocks:
            raise KeyboardInterrupt
        if plan.checks and stopped != "interrupted":
            after = [check(side.player.name, work, plan.seed, side.show(), fresh=False) for side in sides]
            errors = [max(pair) for pair in zip(errors, after)]
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
    try:
        for order in _orders(plan.seed):
            spent = time.monotonic() - begun
            if blocks and spent >= plan.budget and len(blocks) >= plan.fewest:
                return blocks, "budget"
            blocks.append(_block(order, sides, calls))
            if len(blocks) in _LOOKS or watch is not None:
                so_far = interval(blocks, seed=plan.seed)
                if watch is not None:
                    watch(len(blocks), so_far, time.monotonic() - begun)
                if len(blocks) in _LOOKS and so_far.width <= plan.width:
                    return blocks, "width"
    except KeyboardInterrupt:
        return blocks, "interrupted"
    raise DuelError("the orders of turns ended, which cannot be")


def _block(order: str, sides: list[Started], calls: tuple[int, ...]) -> Block:
    seconds = []
    last = ""
    for who in order:
        number = "AB".index(who)
        # In the middle of a block the same contestant has two turns running: nothing disturbed it in between.
        warm = 0 if who == last else 1
        seconds.append(sides[number].turn(calls[number], warm))
        last = who
    return Block(order=order, seconds=(seconds[0], seconds[1], seconds[2], seconds[3]))


def _orders(seed: int) -> Iterator[str]:
    """ABBA or BAAB, drawn."""
    rng = np.random.default_rng(seed)
    while True:
        yield "ABBA" if rng.integers(2) else "BAAB"
