"""A session: one duel after another on one machine, with an A/A pair as control and the machine's own limits."""

from __future__ import annotations

import pathlib
from typing import Callable, Iterator, Protocol, Sequence

import attrs

from fwconformance.duels._fight import fight
from fwconformance.duels._limits import measure_limits
from fwconformance.duels._plan import Plan
from fwconformance.duels._player import DuelError, Player
from fwconformance.duels._records import Duel, append, held_in
from fwconformance.duels._rounds import Watcher
from fwconformance.works import Work, find_work


@attrs.frozen(kw_only=True)
class Bout:
    """One duel that is to be held."""

    a: Player
    b: Player
    work: Work

    @property
    def name(self) -> str:
        """In progress lines."""
        return f"{self.a.name} against {self.b.name}, {self.work.id}"

    def was(self, duel: Duel) -> bool:
        """Whether `duel` was this one."""
        return self.work.id == duel.work and self.a.was(duel.a) and self.b.was(duel.b)


class Watch(Protocol):
    """Told what happens."""

    def begins(self, bout: Bout, number: int, of: int) -> Watcher:
        """A duel begins; what is returned is told of its blocks."""
        ...

    def ends(self, bout: Bout, duel: Duel) -> None:
        """A duel was written down."""
        ...

    def fails(self, bout: Bout, error: DuelError) -> None:
        """A duel could not be held; the session goes on."""
        ...


def bouts(pairs: Sequence[tuple[Player, Player]], works: Sequence[str]) -> Iterator[Bout]:
    """Every pair on every work, each once, then the controls: the first of all players against itself on every work."""
    controls = [(pairs[0][0], pairs[0][0])] if pairs else []
    seen = set()
    for some in (pairs, controls):
        for work in works:
            for a, b in some:
                bout = Bout(a=a, b=b, work=find_work(work))
                if bout.name not in seen:
                    seen.add(bout.name)
                    yield bout


def hold(
    session: Sequence[Bout],
    plan: Plan,
    output: pathlib.Path,
    watch: Watch,
    fighting: Callable[..., Duel] = fight,
) -> tuple[int, int]:
    """Hold what `output` lacks of `session`, each written down as it ends. Returns how many were held and failed.

    Raises RecordError where `output` cannot be read, KeyboardInterrupt on Ctrl-C, after the duel that it cut short was
    written down.
    """
    # Those of the time when both sides were started once are held again.
    done = [
        duel for duel in held_in(output) if duel.seed == plan.seed and duel.processes and duel.stopped != "interrupted"
    ]
    left = [bout for bout in session if not any(bout.was(duel) for duel in done)]
    held = failed = 0
    if left:
        append(output, measure_limits())
    for number, bout in enumerate(left, start=1):
        try:
            duel = fighting(bout.a, bout.b, bout.work, plan, watch.begins(bout, number, len(left)))
        except DuelError as error:
            failed += 1
            watch.fails(bout, error)
            continue
        append(output, duel)
        held += 1
        watch.ends(bout, duel)
        if duel.stopped == "interrupted":
            raise KeyboardInterrupt
    return held, failed
