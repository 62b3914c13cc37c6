"""The closed vocabularies of evidence: outcomes, levels, statuses. Their values are what JSON documents hold."""

from __future__ import annotations

import enum


class Outcome(str, enum.Enum):
    """What happened to one case."""

    PASSED = "passed"
    FAILED = "failed"  # the framework does it wrong
    UNSUPPORTED = "unsupported"  # the framework has no such thing, shown by a probe
    UNAVAILABLE = "unavailable"  # this machine or environment, or our adapter, lacks something
    BROKEN = "broken"  # the harness, or an exception not yet understood
    TIMEOUT = "timeout"
    CRASHED = "crashed"  # the interpreter died

    @property
    def is_new_fault(self) -> bool:
        """Whether it fails a run, unless a finding explains it."""
        return self in (Outcome.FAILED, Outcome.BROKEN, Outcome.TIMEOUT, Outcome.CRASHED)


class Level(str, enum.Enum):
    """How strong evidence is, best first; compare with `at_least` and pick with `weakest` and `best`."""

    HARDWARE = "hardware"  # ran on the real device named; CPU work on a CPU is that
    SIMULATED = "simulated"  # logical devices or processes on a CPU
    COMPILED = "compiled"  # a program for the accelerator was produced, not run
    DECLARED = "declared"  # metadata says so

    @property
    def rank(self) -> int:
        return _RANKS[self]

    def at_least(self, other: Level) -> bool:
        return self.rank <= other.rank


_RANKS = {level: rank for rank, level in enumerate(Level)}


def weakest(levels: list[Level]) -> Level | None:
    """The lowest of `levels`, None for none."""
    return max(levels, key=lambda level: level.rank, default=None)


def best(levels: list[Level]) -> Level | None:
    """The highest of `levels`, None for none."""
    return min(levels, key=lambda level: level.rank, default=None)


class Status(str, enum.Enum):
    """What a cell of the matrix says."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    UNSUPPORTED = "unsupported"
    FAILING = "failing"
    INAPPLICABLE = "inapplicable"
    UNTESTED = "untested"


class ShownBy(str, enum.Enum):
    """Which required cases have to pass for a capability to be shown."""

    ALL = "all"
    ANY = "any"  # for what says that something is there somewhere


class Profile(str, enum.Enum):
    """How much is run: each case declares the smallest profile that holds it."""

    SMOKE = "smoke"
    STANDARD = "standard"
    FULL = "full"

    def holds(self, case_profile: Profile) -> bool:
        """Whether a run of this profile includes a case declared for `case_profile`."""
        return _SIZES[case_profile] <= _SIZES[self]


_SIZES = {profile: size for size, profile in enumerate(Profile)}


class Era(str, enum.Enum):
    """Which time an environment speaks of; a pinned one decides no claim."""

    Y2020 = "2020"
    CURRENT = "current"
    PINNED = "pinned"
