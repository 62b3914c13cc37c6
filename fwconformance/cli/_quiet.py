"""Whether the machine has something else to do while duels are held."""

from __future__ import annotations

from fwconformance.cli._output import err

#: Processors at work, of all processes together, over half a second before anything is measured. The load of the last
#: minute would count what this user's own session of before has done.
_BUSY = 0.3


def warn_if_busy() -> None:
    """Look for half a second, and say so where it has; nothing where psutil, of the extra `duels`, is not here."""
    try:
        import psutil
    except ImportError:
        return
    at_work = psutil.cpu_percent(interval=0.5) / 100 * (psutil.cpu_count() or 1)
    if at_work >= _BUSY:
        err(
            f"warning: other work runs on this machine ({at_work:.1f} of its processors are busy): intervals get wide, "
            "and throughputs low; measure when it has nothing else to do"
        )
