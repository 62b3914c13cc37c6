"""A session of duels as a command holds it: what it says meanwhile, and how it ends."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Sequence

from fwconformance.cli._duel import sentence, watcher
from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import err, out
from fwconformance.cli._players import plan_of

if TYPE_CHECKING:
    from fwconformance.duels import Bout, Duel, DuelError, Watcher


def named_works(options: argparse.Namespace) -> list[str]:
    """Works that --work names, or all. Raises CommandError for one that there is not."""
    from fwconformance.works import WORKS, find_work

    try:
        return [find_work(name).id for name in options.work or WORKS]
    except ValueError as error:
        raise CommandError(str(error)) from None


def hold_session(session: Sequence[Bout], options: argparse.Namespace) -> int:
    """Hold it, into the file of --output; the exit code. Raises CommandError where that file cannot be read."""
    from fwconformance.duels import RecordError, hold

    try:
        held, failed = hold(session, plan_of(options), options.output, SessionWatch(options.budget))
    except RecordError as error:
        raise CommandError(f"{error}; name another file with -o, or mend that line") from None
    out(f"{held} duels held, {failed} could not be; written: {options.output}")
    return Exit.FAULTS if failed else Exit.MEASURED


class SessionWatch:
    """Says on the terminal how a session goes."""

    def __init__(self, budget: float) -> None:
        self._budget = budget
        self._begun = time.monotonic()

    def begins(self, bout: Bout, number: int, of: int) -> Watcher:
        if number == 1:
            err(
                f"{of} duels to hold, {of * self._budget / 60:.0f} minutes where each takes its whole budget; "
                "Ctrl-C keeps what was measured, and the same command goes on"
            )
        if not sys.stderr.isatty():
            err(f"{number} of {of}: {bout.name} (elapsed {time.monotonic() - self._begun:.0f} s)")
        return watcher(f"{number} of {of}: {bout.name}", self._budget)

    def ends(self, bout: Bout, duel: Duel) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
        out(sentence(duel))

    def fails(self, bout: Bout, error: DuelError) -> None:
        err(f"{bout.name}: not held: {error}")
