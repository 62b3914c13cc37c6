"""How much of the machine others used while a duel was held."""

from __future__ import annotations

import os
import time
from typing import Any, Mapping

#: Fields of the system's processor times that are work, on whichever system; "steal" is that of a neighbour's machine.
_WORK = ("user", "nice", "system", "irq", "softirq", "steal", "interrupt", "dpc")


class Others:
    """Looks at the processors' times when it is made and when it is asked; what this process and its children, once
    they have ended, used in between is not others'.
    """

    def __init__(self) -> None:
        self._then = _seen()

    def processors(self) -> float | None:
        """At work for others, on average; None where psutil, of the extra `duels`, is not here."""
        now = _seen()
        if self._then is None or now is None:
            return None
        elapsed, every, own = (later - earlier for earlier, later in zip(self._then, now))
        return round(max(0.0, every - own) / elapsed, 3) if elapsed > 0 else None


def _seen() -> tuple[float, float, float] | None:
    """Seconds: of the clock, of all processors at work, of this process and its children that have ended."""
    try:
        import psutil
    except ImportError:
        return None
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    return time.monotonic(), _at_work(psutil.cpu_times()._asdict()), own


def _at_work(times: Mapping[str, Any]) -> float:
    return sum(float(times.get(name, 0.0)) for name in _WORK)
