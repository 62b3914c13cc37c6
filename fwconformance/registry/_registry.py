"""The registry as a whole, and the questions that others ask of it."""

from __future__ import annotations

from typing import Mapping

import attrs

from fwconformance.evidence import Era, Header
from fwconformance.registry import _model as model
from fwconformance.registry._versions import same_release, version_of

_ERA_ORDER = (Era.CURRENT, Era.Y2020, Era.PINNED)


@attrs.frozen(kw_only=True)
class Registry:
    """Everything declared, by id, sorted by id; records by claim and era."""

    capabilities: Mapping[str, model.Capability]
    claims: Mapping[str, model.Claim]
    records: Mapping[tuple[str, Era], tuple[model.Record, ...]]
    environments: Mapping[str, model.Environment]
    subjects: Mapping[str, model.Subject]
    findings: Mapping[str, model.Finding]

    def active(self) -> tuple[model.Capability, ...]:
        """The capabilities that have tests."""
        return tuple(capability for capability in self.capabilities.values() if capability.active)

    def records_of(self, claim: str, era: Era) -> tuple[model.Record, ...]:
        """The records for a claim in an era, in the order written; empty where none was read."""
        return self.records.get((claim, Era(era)), ())

    def primary(self, subject: str, era: Era, device: str) -> model.Environment | None:
        """The environment that speaks for `subject`; None where none is declared (or the subject has none at all)."""
        found = self.subjects.get(subject)
        name = found.primary_environment(era, device) if found else None
        return self.environments[name] if name else None

    def speaks_in(self, environment: str, era: Era) -> bool:
        """Whether a declared environment is one of that era, or is declared to speak in it because the release is."""
        if self.environments[environment].era is era:
            return True
        primaries = (entry for subject in self.subjects.values() for entry in subject.primary)
        return any(entry.environment == environment and entry.era is era for entry in primaries)

    def environment_for(self, framework: str, backend: str, device: str) -> model.Environment | None:
        """The declared environment of a framework on a backend ("" for none to choose) and device; None for none.

        The current era's comes first, then 2020's, then a pinned one. What speaks of a library is none of them.
        """
        found = [
            environment
            for environment in self.environments.values()
            if (environment.framework, environment.backend, environment.device) == (framework, backend, _kind(device))
            and not environment.subject
        ]
        return min(found, key=lambda environment: (_ERA_ORDER.index(environment.era), environment.name), default=None)

    def era_of(self, header: Header) -> tuple[Era, str]:
        """(the era that a shard speaks of, why not the declared one: "" where it is).

        The declared era holds only where the header's framework, backend, device and versions are the declared ones.
        """
        declared = self.environments.get(header.environment)
        if declared is None:
            return Era.PINNED, f"{header.environment} is no declared environment"
        where = {"framework": header.framework, "backend": header.backend, "device": _kind(header.device)}
        for what, seen in where.items():
            wanted = getattr(declared, what)
            if wanted != seen:
                return Era.PINNED, f"{what} is {seen or 'none'}, {declared.name} is declared for {wanted or 'none'}"
        wrong = []
        for distribution, wanted in declared.expect.items():
            version = version_of(distribution, header.versions)
            if version is None:
                wrong.append(f"{distribution} is not among the versions, {declared.name} expects {wanted}")
            elif not same_release(version, wanted):
                wrong.append(f"{distribution} is {version}, {declared.name} expects {wanted}")
        return (Era.PINNED, "; ".join(wrong)) if wrong else (declared.era, "")

    def findings_for(
        self, capability: str, case: str, *, framework: str, backend: str, version: str
    ) -> tuple[model.Finding, ...]:
        """The known faults of `framework` at `version` that could explain a failure of this case."""
        return tuple(
            finding
            for finding in self.findings.values()
            if finding.covers(framework=framework, backend=backend, version=version, capability=capability, case=case)
        )


def _kind(device: str) -> str:
    """The kind of a device: "cuda" of "cuda:1"."""
    return device.split(":", 1)[0]
