"""Truth values and how a rule combines them.

One principle decides every table: a combination is known exactly when every way of filling in its unknown parts (each
true, false or mixed) gives the same. So an unknown never counts as false, and never hides what is settled without it.

| | true | false | mixed |
|---|---|---|---|
| all | every part true | every part false | else |
| at least n | n parts true | fewer than n parts true or mixed | else |
| any | at least 1 | | |
| none | every part shown absent | a part true | else |

`none` takes a part as absent only where it was shown to be unsupported; a part that is false in another way (it exists
and fails) is unknown to it.
"""

from __future__ import annotations

import enum
from typing import Sequence


class Truth(str, enum.Enum):
    """What is known of one part of a rule."""

    TRUE = "true"
    FALSE = "false"
    MIXED = "mixed"  # partly true, partly false
    UNKNOWN = "unknown"
    STRADDLES = "straddles"  # unknown, since a measured interval lies on both sides of its margin

    @property
    def is_known(self) -> bool:
        return self in (Truth.TRUE, Truth.FALSE, Truth.MIXED)


def all_of(parts: Sequence[Truth]) -> Truth:
    """Every part holds. An empty list is a ValueError: it would be true of anything."""
    true, false, mixed, unknown = _counts(parts)
    if mixed or (true and false):
        return Truth.MIXED
    if unknown:
        return _unknown(parts)
    return Truth.TRUE if true else Truth.FALSE


def at_least(n: int, parts: Sequence[Truth]) -> Truth:
    """At least `n` parts hold; `any` is 1. Raises ValueError unless 1 <= n <= len(parts)."""
    true, _, mixed, unknown = _counts(parts)
    if not 1 <= n <= len(parts):
        raise ValueError(f"at least {n} of {len(parts)} parts decides nothing")
    if true >= n:
        return Truth.TRUE
    if true + mixed + unknown < n:
        return Truth.FALSE
    if true + unknown < n <= true + mixed:
        return Truth.MIXED
    return _unknown(parts)


def none_of(parts: Sequence[tuple[Truth, bool]]) -> Truth:
    """No part holds. Each part is its truth and whether it was shown absent (unsupported): only a false one can be."""
    seen = [Truth.UNKNOWN if truth is Truth.FALSE and not absent else truth for truth, absent in parts]
    true, _, mixed, unknown = _counts(seen)
    if true:
        return Truth.FALSE
    if unknown:
        return _unknown(seen)
    return Truth.MIXED if mixed else Truth.TRUE


def more_than(subject: Sequence[Truth], others: Sequence[Sequence[Truth]]) -> Truth:
    """More parts hold for `subject` than for each of `others`.

    A mixed part is worth something between nothing and one: the comparison is true where it holds however little the
    subject's and however much the others' mixed parts are worth, false where it fails against some other one however
    much the subject's and however little that one's are worth, else mixed.
    """
    true, _, mixed, unknown = _counts(subject)
    counts = [_counts(other) for other in others]
    if all(true > theirs[0] + theirs[2] + theirs[3] for theirs in counts):
        return Truth.TRUE
    if any(true + mixed + unknown <= theirs[0] for theirs in counts):
        return Truth.FALSE
    could_be_true = all(true + unknown > theirs[0] + theirs[2] for theirs in counts)
    could_be_false = any(true + mixed <= theirs[0] + theirs[3] for theirs in counts)
    return Truth.UNKNOWN if could_be_true or could_be_false else Truth.MIXED


def _counts(parts: Sequence[Truth]) -> tuple[int, int, int, int]:
    """How many are true, false, mixed and unknown."""
    if not parts:
        raise ValueError("a rule without parts decides nothing")
    true, false, mixed = (sum(part is value for part in parts) for value in (Truth.TRUE, Truth.FALSE, Truth.MIXED))
    return true, false, mixed, len(parts) - true - false - mixed


def _unknown(parts: Sequence[Truth]) -> Truth:
    """Straddles where nothing but straddling intervals is in the way."""
    return Truth.STRADDLES if Truth.UNKNOWN not in parts else Truth.UNKNOWN
