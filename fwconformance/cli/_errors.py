"""How the command line ends: one table of exit codes, and errors that carry theirs."""

from __future__ import annotations

import enum


class Exit(enum.IntEnum):
    """Exit codes of `fwconformance`, as documented in the README."""

    MEASURED = 0  # measured, nothing new wrong
    FAULTS = 1  # new failed, broken, crashed or timeout
    USAGE = 2  # usage, or bad input
    UNMET = 3  # a requirement is unmet
    INTERNAL = 4  # an internal error
    INTERRUPTED = 130  # interrupted; resumable


class CommandError(Exception):
    """Ends the command: one line saying what, where and what to do, and the exit code."""

    def __init__(self, message: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code
