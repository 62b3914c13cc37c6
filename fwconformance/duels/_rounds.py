"""The rounds of one duel: turns in blocks of four, builds between them, pairs of processes around those.

Where weights and results lie in memory moves times by some per cent for as long as they lie there, and where program
and libraries lie by as much for as long as the process lives. So both sides are built anew every few blocks, beside
blocks of memory of random sizes that shift what comes after them (after Curtsinger and Berger, 2013), and are started
anew every few builds; the interval is over pairs of processes.
"""

from __future__ import annotations

import time
from typing import Callable, Optional, Sequence

import numpy as np

from fwconformance.duels._plan import Plan
from fwconformance.duels._player import Guest, Started, begin
from fwconformance.duels._records import Block
from fwconformance.duels._statistics import Interval, interval
from fwconformance.works import Work

#: Seconds that a turn shall last: long beside a clock's tick, short beside what a shared machine does, which goes over
#: to another speed for some hundredths of a second and more. Turns of 0.1 s tell half as much in the same time
#: (`benchmarks/README.md`).
_TURN = 0.02
#: Calls that do not count after a build that is the first of its process.
_WARM = 2
#: Calls that go before a turn and do not count, as a share of its own: where the other was at work, whose caches these
#: are then, and where the same was. With one and none, a turn's beginning is one to two per cent of it
#: (`benchmarks/README.md`).
_TAKING_OVER, _GOING_ON = 0.4, 0.2
#: How many pairs of processes there are when the interval is looked at. Few looks, at fixed places.
_LOOKS = (8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 160, 200, 240, 320)
#: Builds of one pair of processes, and blocks of one build: until they have taken as long as starting and building did,
#: so that half of the time at most goes into it, and no more than this, since a further block of a build tells less
#: than one of another, and a further build of a process than one of another.
_BUILDS, _BLOCKS = 40, 40
#: Blocks of memory that are held while a side is built: how many, and how many bytes each at most.
_TAKEN, _TAKEN_BYTES = 16, 2**16

#: Told at the beginning, and after each pair of processes, how many there were, the interval so far (none yet), and
#: seconds spent.
Watcher = Callable[[int, Optional[Interval], float], None]


class Rounds:
    """The rounds of one duel, pair of processes after pair.

    Attributes:
        blocks: that were taken. calls: of a turn, for a and for b.
    """

    def __init__(self, plan: Plan) -> None:
        self.blocks: list[Block] = []
        self.calls = (0, 0)
        self._plan = plan
        self._rng = np.random.default_rng(plan.seed)
        self._processes = self._builds = 0
        self._starting = self._warming = self._spent = 0.0

    def start(self, sides: Sequence[Started], work: Work) -> None:
        """Start a pair: the first one after the other, so that what they note of it is their own; others together."""
        begun = time.monotonic()
        for some in [sides] if self._processes else [[side] for side in sides]:
            begin(some, work.id, self._plan.seed)
        self._processes += 1
        self._starting = time.monotonic() - begun

    def warm(self, sides: Sequence[Started]) -> None:
        """Call what was built until everything is compiled and chosen. With the first pair, count a turn's calls."""
        begun = time.monotonic()
        if self._processes == 1:
            self.calls = (_calibrate(sides[0], self._plan.calls_step), _calibrate(sides[1], self._plan.calls_step))
            if self._plan.calls_step > 1 or any(isinstance(side, Guest) for side in sides):
                # The same program, or the same work in the same process: what is left of a turn's beginning is shared
                # by as many calls.
                self.calls = (max(self.calls),) * 2
        else:
            for side, calls in zip(sides, self.calls):
                side.turn(calls, _WARM)
        self._warming = time.monotonic() - begun

    def take(self, sides: Sequence[Started]) -> None:
        """The rounds of the pair that was started."""
        starting = self._starting + self._warming
        share = min(starting, self._plan.budget / self._plan.fewest - starting)
        begun = time.monotonic()
        building = self._warming
        for build in range(1, _BUILDS + 1):
            if build > 1:
                building = self._build_anew(sides)
            self._builds += 1
            timing = time.monotonic()
            for _ in range(_BLOCKS):
                # ABBA or BAAB, drawn.
                self.blocks.append(self._block("ABBA" if self._rng.integers(2) else "BAAB", sides))
                if time.monotonic() - timing >= building:
                    break
            if time.monotonic() - begun >= share:
                break
        self._spent += starting + time.monotonic() - begun

    def ended(self, watch: Watcher | None) -> str:
        """Why there is no other pair: "width", "budget", or "" where there is."""
        looked = self._processes in _LOOKS
        if looked or watch is not None:
            so_far = interval(self.blocks)
            if watch is not None:
                watch(self._processes, so_far, self._spent)
            if looked and so_far.width <= self._plan.width:
                return "width"
        return "budget" if self._spent >= self._plan.budget and self._processes >= self._plan.fewest else ""

    def _build_anew(self, sides: Sequence[Started]) -> float:
        """Build both anew, in a drawn order. Gives the seconds that it took."""
        begun = time.monotonic()
        # Of two in one process, whoever builds first has another choice of memory.
        for number in self._rng.permutation(len(sides)):
            sides[number].rebuild([int(size) for size in self._rng.integers(1, _TAKEN_BYTES, size=_TAKEN)])
        return time.monotonic() - begun

    def _block(self, order: str, sides: Sequence[Started]) -> Block:
        seconds = []
        last = ""
        for who in order:
            number = "AB".index(who)
            calls = self.calls[number]
            # In the middle of a block the same contestant has two turns running.
            warm = round(calls * _GOING_ON) if who == last else max(1, round(calls * _TAKING_OVER))
            seconds.append(_seven_digits(sides[number].turn(calls, warm)))
            last = who
        return Block(
            order=order,
            seconds=(seconds[0], seconds[1], seconds[2], seconds[3]),
            build=self._builds,
            process=self._processes,
        )


def _seven_digits(seconds: float) -> float:
    """What a clock tells, without what a division adds: files of rounds are half as long."""
    return float(f"{seconds:.7g}")


def _calibrate(side: Started, step: int) -> int:
    """Calls of a turn: about `_TURN` seconds' worth, measured once everything is compiled and chosen."""
    side.turn(1, _WARM)
    seconds = side.turn(1, 0)
    if seconds < _TURN:
        seconds = side.turn(max(1, round(_TURN / seconds / 2)), 0)
    return max(1, round(_TURN / seconds / step)) * step
