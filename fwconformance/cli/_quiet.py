"""Whether the machine has something else to do while duels are held."""

from __future__ import annotations

import os

from fwconformance.cli._output import err

#: Processes that ran or wanted to, on the average of the last minute.
_BUSY = 0.5


def warn_if_busy() -> None:
    """Say so where the machine was busy in the last minute; nothing where the system does not tell."""
    try:
        load = os.getloadavg()[0]
    except (AttributeError, OSError):
        return
    if load >= _BUSY:
        err(
            f"warning: other work runs on this machine (load {load:.1f} over the last minute): intervals get wide, and "
            "throughputs low; measure when it has nothing else to do"
        )
