"""An observation: what one case saw, once, in one environment."""

from __future__ import annotations

from typing import Any, Iterable, Mapping

import attrs

from fwconformance.evidence._vocabulary import Level, Outcome

#: Words by kind, then by name.
Details = Mapping[str, Mapping[str, str]]


def details_to_json(details: Details) -> dict[str, dict[str, str]]:
    """Sorted."""
    return {kind: dict(sorted(named.items())) for kind, named in sorted(details.items())}


def _several(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Key:
    """What an observation is of. Explicit fields; never a node id, never parsed from a name."""

    environment: str
    label: str
    framework: str
    backend: str
    device: str
    capability: str
    case: str


@attrs.frozen(kw_only=True)
class Figure:
    """A measured number with its unit ("s", "1", "images/s", ...) and, where it was estimated, an interval."""

    value: float
    unit: str
    low: float | None = None
    high: float | None = None

    def to_json(self) -> dict[str, Any]:
        payload: dict[str, Any] = {"value": self.value, "unit": self.unit}
        if self.low is not None:
            payload["low"] = self.low
        if self.high is not None:
            payload["high"] = self.high
        return payload

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Figure:
        return cls(value=payload["value"], unit=payload["unit"], low=payload.get("low"), high=payload.get("high"))


@attrs.frozen(kw_only=True)
class Observation:
    """One run of one case.

    Attributes:
        key: what it is of.
        attempt: 1, or 2 for the run alone after a crash or a timeout.
        outcome: what happened.
        level: the evidence level; None where nothing was shown (unavailable, broken, timeout, crashed).
        message: the reason, for every outcome but passed; no machine paths, no user names.
        figures: measured numbers by name.
        details: what it saw of single things, in words: by kind, then by name ({"lacking": {"Celu": "..."}}).
        device_observed: what the framework's own tensors said, sorted ("cpu",); empty if none was seen.
        duration: seconds, of the case's call; None under xdist or where it never ended.
        finding: id of the known finding that explains a failure, else None.
    """

    key: Key
    attempt: int = 1
    outcome: Outcome
    level: Level | None = None
    message: str = ""
    figures: Mapping[str, Figure] = attrs.field(factory=dict)
    device_observed: tuple[str, ...] = ()
    duration: float | None = None
    finding: str | None = None
    details: Details = attrs.field(factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The journal's record, without the fields that its header holds (environment, label, framework, backend,
        device), and without details where there are none.
        """
        return {
            "attempt": self.attempt,
            "capability": self.key.capability,
            "case": self.key.case,
            **({"details": details_to_json(self.details)} if self.details else {}),
            "device_observed": list(self.device_observed),
            "duration": self.duration,
            "figures": {name: figure.to_json() for name, figure in sorted(self.figures.items())},
            "finding": self.finding,
            "level": self.level.value if self.level else None,
            "message": self.message,
            "outcome": self.outcome.value,
        }

    @classmethod
    def from_json(cls, payload: Mapping[str, Any], header: Header) -> Observation:
        """Raises KeyError, TypeError or ValueError where `payload` is not such a record; readers name the line."""
        return cls(
            key=header.key(payload["capability"], payload["case"]),
            attempt=payload.get("attempt", 1),
            outcome=Outcome(payload["outcome"]),
            level=Level(payload["level"]) if payload.get("level") else None,
            message=payload.get("message", ""),
            figures={name: Figure.from_json(figure) for name, figure in payload.get("figures", {}).items()},
            device_observed=tuple(payload.get("device_observed", ())),
            duration=payload.get("duration"),
            finding=payload.get("finding"),
            details=payload.get("details", {}),
        )


@attrs.frozen(kw_only=True)
class Header:
    """What every observation of one shard shares: who, where, with which versions, by which suites.

    Attributes:
        run: a random id of this run (UUID4), kept on resume.
        environment, label, framework, backend, device: see `Key`.
        profile: "smoke", "standard" or "full".
        seed: of every generator that the suites draw from.
        versions: distribution name to version, of the framework, its backend, and what the suites use.
        python: "3.11.7". platform: {"system", "release", "machine", "processor"}; no host name.
        suite_version: of fwconformance. suite_content: "sha256:..." of suites, fixtures and adapters.
        started: RFC 3339, UTC.
        mutant: name of the fault switched on, "" for none. A shard with one is never merged.
        only: "capability" or "capability:case" that the run was limited to; empty for everything in its profile.
    """

    run: str
    environment: str
    label: str
    framework: str
    backend: str
    device: str
    profile: str
    seed: int
    versions: Mapping[str, str]
    python: str
    platform: Mapping[str, str]
    suite_version: str
    suite_content: str
    started: str
    mutant: str = ""
    only: tuple[str, ...] = attrs.field(default=(), converter=_several)

    def asked_for(self, capability: str, case: str) -> bool:
        """Whether the run was to run that case, where its profile holds it."""
        return not self.only or capability in self.only or f"{capability}:{case}" in self.only

    def key(self, capability: str, case: str) -> Key:
        return Key(
            environment=self.environment,
            label=self.label,
            framework=self.framework,
            backend=self.backend,
            device=self.device,
            capability=capability,
            case=case,
        )

    def to_json(self) -> dict[str, Any]:
        return attrs.asdict(self)

    @classmethod
    def from_json(cls, payload: Mapping[str, Any]) -> Header:
        """Raises KeyError or TypeError where a field is missing or not as it should be; unknown fields are ignored."""
        names = {field.name for field in attrs.fields(cls)}
        return cls(**{name: value for name, value in payload.items() if name in names})
