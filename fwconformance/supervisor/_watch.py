"""Watching one child: it ends, dies, hangs, or the person interrupts."""

from __future__ import annotations

import contextlib
import enum
import time
from typing import Callable, Iterator

import attrs

from fwconformance.processes import Child, Interrupted, handled

INTERVAL = 0.05  # seconds between two looks


class Signals:
    """Notes SIGINT, SIGTERM and SIGHUP while it is entered; one that the caller ignores (nohup) stays ignored."""

    def __init__(self) -> None:
        self._seen: int | None = None

    @contextlib.contextmanager
    def noted(self) -> Iterator[Signals]:
        with handled(self._note):
            yield self

    def _note(self, number: int, frame: object) -> None:
        self._seen = number

    def check(self) -> None:
        """Raise Interrupted if one came."""
        if self._seen is not None:
            raise Interrupted(self._seen)


class How(enum.Enum):
    """How the watching ended."""

    ENDED = "ended"  # by itself, with an exit status of its own or by a signal
    TOO_LONG = "too long"  # it was killed, since it took longer than its limit


@attrs.frozen(kw_only=True)
class Ending:
    """How one child ended. `status` is its exit status, negative for a signal; meaningless where we killed it."""

    how: How
    status: int


def watch(child: Child, signals: Signals, *, look: Callable[[], float | None]) -> Ending:
    """Wait for `child`, calling `look` again and again; it returns how many seconds from now are left, None for no
    limit.

    Whatever happens, neither the child nor anything that it started is left when this returns or raises.
    Raises Interrupted, and what `look` raises.
    """
    try:
        while True:
            status = child.poll()
            left = look()  # after the poll: what was written before it ended is seen
            if status is not None:
                return Ending(how=How.ENDED, status=status)
            if left is not None and left <= 0:
                child.kill()
                look()
                return Ending(how=How.TOO_LONG, status=child.poll() or 0)
            signals.check()
            time.sleep(INTERVAL)
    except BaseException:
        child.stop()
        raise
    finally:
        child.sweep()
