"""What goes wrong with a program that is there to be built and run."""

from __future__ import annotations


class BuildFailed(Exception):
    """The build tool ended with an error, or not at all; the message holds its own first error."""


class ProgramFailed(Exception):
    """A program died, ended with an error, or left no readable answer; the message says which, and what it printed."""


class ProgramLate(ProgramFailed):
    """A program had not ended within its limit, which may be the machine's doing."""
