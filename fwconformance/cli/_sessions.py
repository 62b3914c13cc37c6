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
from fwconformance.cli._quiet import warn_if_busy
from fwconformance.cli._records import check_output, interrupted, unreadable

if TYPE_CHECKING:
    from fwconformance.duels import Bout, Duel, DuelError, Watcher


def named_works(options: argparse.Namespace) -> list[str]:
    """Works that --work names, or all. Raises CommandError for one that there is not."""
    from fwconformance.works import WORKS, find_work

    try:
        return [find_work(name).id for name in options.work or WORKS]
    except ValueError as error:
        raise CommandError(str(error)) from None


def hold_session(session: Sequence[Bout], options: argparse.Namespace, *, named: bool) -> int:
    """Hold it, into the file of --output; the exit code.

    `named`: by the user, so that a mode that is not there is a mistake of theirs. Raises CommandError for that, where
    the file cannot be read or written, and where the session is interrupted.
    """
    from fwconformance.duels import RecordError, hold

    check_output(options.output, "-o")
    warn_if_busy()
    try:
        held, failed = hold(session, plan_of(options), options.output, SessionWatch(options.budget, named=named))
    except RecordError as error:
        raise unreadable(error, "name another file with -o") from None
    except KeyboardInterrupt as signal:
        raise interrupted(options.output, signal) from signal
    out(f"{held} duels held, {failed} could not be; written: {options.output}")
    return Exit.FAULTS if failed else Exit.MEASURED


class SessionWatch:
    """Says on the terminal how a session goes."""

    def __init__(self, budget: float, *, named: bool) -> None:
        from fwconformance.supervisor import Line

        self._budget = budget
        self._named = named
        self._begun = time.monotonic()
        self._line = Line(sys.stderr)

    def begins(self, bout: Bout, number: int, of: int) -> Watcher:
        if number == 1:
            err(
                f"{of} duels to hold, {of * self._budget / 60:.0f} minutes where each takes its whole budget; "
                "Ctrl-C keeps what was measured, and the same command goes on"
            )
        if not self._line.live:
            err(f"{number} of {of}: {bout.name} (elapsed {time.monotonic() - self._begun:.0f} s)")
        return watcher(f"{number} of {of}: {bout.name}", self._budget, self._line)

    def ends(self, bout: Bout, duel: Duel) -> None:
        self._line.clear()
        out(sentence(duel))

    def fails(self, bout: Bout, error: DuelError) -> None:
        from fwconformance.duels import UnknownMode

        self._line.clear()
        if self._named and isinstance(error, UnknownMode):
            raise CommandError(str(error))
        err(f"{bout.name}: not held: {error}")
