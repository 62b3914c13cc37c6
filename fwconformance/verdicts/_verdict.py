"""A verdict: what the evidence says of one claim, in one era, in one environment."""

from __future__ import annotations

import enum
from typing import Any, Mapping

import attrs

from fwconformance.evidence import Era, Figure, Level, Status


class Answer(str, enum.Enum):
    """Whether the claim is true."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    PARTLY = "partly"  # some parts true, some false
    INDICATED = "indicated"  # right or wrong as far as weaker evidence can show
    INCONCLUSIVE = "inconclusive"  # measured; the interval does not decide
    UNTESTED = "untested"


class Indication(str, enum.Enum):
    """Which way weaker evidence points."""

    RIGHT = "right"
    WRONG = "wrong"


class Basis(str, enum.Enum):
    """What an answer rests on. Where both have a share it is the record, so that none passes for a measurement."""

    MEASURED = "measured"
    RECORD = "record"


@attrs.frozen(kw_only=True)
class Part:
    """One part of a rule, as it was seen.

    Attributes:
        name: a capability's id, "a supports more of binding.java than b, c" for a comparison, "records" or
            "an opinion".
        environment: whose cell it is; "" for a part that is no cell.
        status: of that cell, else None.
        level: of that cell or figure, else None.
        reason: in words; for a part that is no cell, also what was seen.
    """

    name: str
    environment: str = ""
    status: Status | None = None
    level: Level | None = None
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "environment": self.environment,
            "level": self.level.value if self.level else None,
            "name": self.name,
            "reason": self.reason,
            "status": self.status.value if self.status else None,
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Part:
        return cls(
            name=payload["name"],
            environment=payload.get("environment", ""),
            status=Status(payload["status"]) if payload.get("status") else None,
            level=Level(payload["level"]) if payload.get("level") else None,
            reason=payload.get("reason", ""),
        )


@attrs.frozen(kw_only=True)
class Verdict:
    """What the evidence says of one claim.

    Attributes:
        claim: its id. era, device: of what it is said.
        environment, label: whose cells the claim's own parts are; "" where none speaks for it.
        headline: True for the primary environment's, of which each claim has one an era; False for those beside it.
        answer, indication (None unless indicated), basis (None where nothing answers): see there.
        level: the weakest evidence that the answer needs; None for records and where nothing answers.
        reason: in words, always. missing: what would decide it, where weaker evidence answers; else "".
        parts_true, parts_false: the parts that speak for and against the claim; a mixed one stands in both.
        parts_unknown: those that say nothing.
        scope: the environments that it speaks of, sorted.
        figures: measured numbers that it rests on, by name.
        records: ids of the records that it rests on.
    """

    claim: str
    era: Era
    device: str
    environment: str = ""
    label: str = ""
    headline: bool
    answer: Answer
    indication: Indication | None = None
    basis: Basis | None = None
    level: Level | None = None
    reason: str
    missing: str = ""
    parts_true: tuple[Part, ...] = ()
    parts_false: tuple[Part, ...] = ()
    parts_unknown: tuple[Part, ...] = ()
    scope: tuple[str, ...] = ()
    figures: Mapping[str, Figure] = attrs.field(factory=dict)
    records: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Without the claim's id, under which the matrix lists it."""
        return {
            "answer": self.answer.value,
            "basis": self.basis.value if self.basis else None,
            "device": self.device,
            "environment": self.environment,
            "era": self.era.value,
            "figures": {name: figure.to_json() for name, figure in sorted(self.figures.items())},
            "headline": self.headline,
            "indication": self.indication.value if self.indication else None,
            "label": self.label,
            "level": self.level.value if self.level else None,
            "missing": self.missing,
            "parts_false": [part.to_json() for part in self.parts_false],
            "parts_true": [part.to_json() for part in self.parts_true],
            "parts_unknown": [part.to_json() for part in self.parts_unknown],
            "reason": self.reason,
            "records": list(self.records),
            "scope": list(self.scope),
        }

    @classmethod
    def from_json(cls, claim: str, payload: Mapping[str, Any]) -> Verdict:
        """Raises KeyError, TypeError or ValueError where `payload` is not one; unknown fields are ignored."""
        return cls(
            claim=claim,
            era=Era(payload["era"]),
            device=payload["device"],
            environment=payload["environment"],
            label=payload["label"],
            headline=payload["headline"],
            answer=Answer(payload["answer"]),
            indication=Indication(payload["indication"]) if payload.get("indication") else None,
            basis=Basis(payload["basis"]) if payload.get("basis") else None,
            level=Level(payload["level"]) if payload.get("level") else None,
            reason=payload["reason"],
            missing=payload.get("missing", ""),
            parts_true=tuple(Part.from_json(part) for part in payload.get("parts_true", ())),
            parts_false=tuple(Part.from_json(part) for part in payload.get("parts_false", ())),
            parts_unknown=tuple(Part.from_json(part) for part in payload.get("parts_unknown", ())),
            scope=tuple(payload.get("scope", ())),
            figures={name: Figure.from_json(figure) for name, figure in payload.get("figures", {}).items()},
            records=tuple(payload.get("records", ())),
        )
