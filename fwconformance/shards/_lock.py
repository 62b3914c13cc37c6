"""One run a journal: an advisory lock on the file itself, which leaves nothing behind and ends with its process.

Where there is none to be had (no `fcntl`, as on Windows; a network file system without locks) nothing is locked: two
runs that write one journal there are told apart by the reader only, which refuses the file.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
from typing import Any

#: In a child's environment: the process id of the supervisor that started it and holds its journal.
HOLDER = "FWCONFORMANCE_JOURNAL_HOLDER"

_BUSY = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES})

_fcntl: Any = None
with contextlib.suppress(ImportError):
    _fcntl = importlib.import_module("fcntl")


def lock(descriptor: int) -> bool:
    """Lock the open file until it is closed; whether no other run has it.

    A child of a supervisor shares what its parent holds. Named by process id, not by a mere flag: what a framework or
    a test starts below the child inherits the environment, and shares nothing.
    """
    if _fcntl is None or os.environ.get(HOLDER) == str(os.getppid()):
        return True
    try:
        _fcntl.flock(descriptor, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _BUSY
    return True


def unlock(descriptor: int) -> None:
    """Give the lock back at once, even where a forked child still has the file open."""
    if _fcntl is not None:
        with contextlib.suppress(OSError):
            _fcntl.flock(descriptor, _fcntl.LOCK_UN)


def busy(path: object) -> str:
    """What to say where another run has it."""
    return (
        f"the journal {path} is being written by another run that has not ended yet: wait for that one, or name "
        "another file"
    )
