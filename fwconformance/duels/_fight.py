"""One duel, from the first start to the record."""

from __future__ import annotations

import contextlib
import pathlib
import tempfile
import time
from typing import Iterator, Sequence

import attrs

from fwconformance.duels._check import check
from fwconformance.duels._others import Others
from fwconformance.duels._plan import Plan, usable_processors
from fwconformance.duels._player import Guest, Player, Started, share_a_process
from fwconformance.duels._records import Contestant, Duel
from fwconformance.duels._rounds import Rounds, Watcher
from fwconformance.duels._statistics import CONFIDENCE, interval
from fwconformance.plugin._identity import processor
from fwconformance.works import Work


def fight(a: Player, b: Player, work: Work, plan: Plan, watch: Watcher | None = None) -> Duel:
    """Let `a` and `b` do `work` in turns. KeyboardInterrupt ends it early, with what was measured by then.

    Raises DuelError (`Refused`, `Wrong`) where a contestant cannot do the work or does it wrongly; KeyboardInterrupt
    where there is nothing measured yet.
    """
    started, clock = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), time.monotonic()
    rounds, others = Rounds(plan), Others()
    contestants: list[Contestant] = []
    stopped = ""
    if watch is not None:
        watch(0, None, 0.0)
    with tempfile.TemporaryDirectory(prefix="fwconformance-duel-") as folder:
        try:
            while not stopped:
                with _together((a, b), plan, pathlib.Path(folder)) as sides:
                    first = not contestants
                    rounds.start(sides, work)
                    errors = [0.0, 0.0]
                    if first and plan.checks:
                        errors = [_checked(side, work, plan.seed, fresh=True) for side in sides]
                    rounds.warm(sides)
                    if first:
                        contestants = [_noted(side, error) for side, error in zip(sides, errors)]
                    rounds.take(sides)
                    stopped = rounds.ended(watch)
                    if stopped and plan.checks:
                        contestants = [_checked_again(*each, work, plan.seed) for each in zip(sides, contestants)]
        except KeyboardInterrupt:
            if not rounds.blocks:
                raise
            stopped = "interrupted"
    found = interval(rounds.blocks)
    return Duel(
        work=work.id,
        a=contestants[0],
        b=contestants[1],
        seed=plan.seed,
        calls=rounds.calls,
        blocks=tuple(rounds.blocks),
        ratio=found.ratio,
        low=found.low,
        high=found.high,
        confidence=CONFIDENCE,
        stopped=stopped,
        started=started,
        seconds=time.monotonic() - clock,
        machine=f"{processor()}, {usable_processors()} processors",
        others=others.processors(),
        shared=share_a_process(a, b),
    )


@contextlib.contextmanager
def _together(players: Sequence[Player], plan: Plan, folder: pathlib.Path) -> Iterator[list[Started]]:
    """A process of each of `players`, or one of both where the second is the first's work written by hand."""
    first, second = players
    with contextlib.ExitStack() as stack:
        if share_a_process(first, second):
            host = Started(first, threads=plan.threads, folder=folder, label="a", beside=second.script)
            yield [stack.enter_context(host), stack.enter_context(Guest(second, host))]
            return
        yield [
            stack.enter_context(Started(player, threads=plan.threads, folder=folder, label=label))
            for label, player in zip("ab", players)
        ]


def _checked(side: Started, work: Work, seed: int, *, fresh: bool) -> float:
    return check(side.player.name, work, seed, side.show(), fresh=fresh, mode=side.mode)


def _noted(side: Started, error: float) -> Contestant:
    """Who it is, and what it took so far: memory of one build."""
    side.note_costs()
    return side.contestant(error)


def _checked_again(side: Started, contestant: Contestant, work: Work, seed: int) -> Contestant:
    """After timing."""
    error = _checked(side, work, seed, fresh=False)
    return attrs.evolve(contestant, largest_error=max(error, contestant.largest_error))
