"""How a process ended, in words."""

from __future__ import annotations

import signal

# What people most need to hear about a signal; the others are named only.
_MEANING = {
    "SIGKILL": "killed, out of memory?",
    "SIGSEGV": "invalid memory access",
    "SIGABRT": "aborted itself",
    "SIGBUS": "invalid memory access",
    "SIGFPE": "arithmetic fault",
    "SIGILL": "illegal instruction, built for another processor?",
    "SIGTERM": "terminated from outside",
    "SIGXCPU": "processor time used up",
    "SIGXFSZ": "file size limit reached",
}


def how_it_ended(returncode: int) -> str:
    """`returncode` as `subprocess` gives it (negative: the signal), in words.

    >>> how_it_ended(-9)
    'SIGKILL: killed, out of memory?'
    >>> how_it_ended(3)
    'exit code 3'
    """
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        name = signal.Signals(-returncode).name
    except ValueError:
        return f"signal {-returncode}"
    meaning = _MEANING.get(name)
    return f"{name}: {meaning}" if meaning else name
