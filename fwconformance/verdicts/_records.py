"""The fold of the dated records for one claim in one era.

The strongest strength decides; where records of that strength disagree, or one of them is mixed, the claim is mixed. A
record never becomes a measurement: verdicts that rest on one say so. Weak records alone only indicate.
"""

from __future__ import annotations

from typing import Sequence

import attrs

from fwconformance.registry import Record
from fwconformance.verdicts._truth import Truth

_STRENGTHS = ("strong", "fair", "weak")
_STANCES = {"supports": Truth.TRUE, "contradicts": Truth.FALSE, "mixed": Truth.MIXED}


@attrs.frozen(kw_only=True)
class RecordFold:
    """What the records say: `truth`, by records of `strength` ("" for none); `used`: their places in the given list."""

    truth: Truth
    strength: str = ""
    used: tuple[int, ...] = ()

    @property
    def decides(self) -> bool:
        """Whether they may decide a claim, not just indicate."""
        return self.strength in ("strong", "fair")


def fold_records(records: Sequence[Record]) -> RecordFold:
    """Fold the records of one claim and one era, in any order."""
    for strength in _STRENGTHS:
        used = tuple(place for place, record in enumerate(records) if record.strength == strength)
        if used:
            stances = {_STANCES[records[place].stance] for place in used}
            return RecordFold(truth=stances.pop() if len(stances) == 1 else Truth.MIXED, strength=strength, used=used)
    return RecordFold(truth=Truth.UNKNOWN)
