"""The registry as a whole: loading it, what holds between its files, and the questions others ask of it."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Collection, Iterable, Mapping, Sequence

import attrs

from fwconformance.evidence import Era, Header
from fwconformance.registry import _load as load
from fwconformance.registry import _model as model
from fwconformance.registry._read import RegistryError, read_toml
from fwconformance.registry._resources import fixtures_dir
from fwconformance.registry._rules import Atom, More, Ratio, walk
from fwconformance.registry._versions import same_release, version_of


@attrs.frozen(kw_only=True)
class Registry:
    """Everything declared, by id, sorted by id."""

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

    def environment_for(self, framework: str, backend: str, device: str) -> model.Environment | None:
        """The declared environment of a framework on a backend and device: the current era's first, then 2020's, then a pinned one.

        None where none is declared. `backend` is "" for frameworks that have none to choose.
        """
        order = [Era.CURRENT, Era.Y2020, Era.PINNED]
        found = [
            environment
            for environment in self.environments.values()
            if (environment.framework, environment.backend, environment.device) == (framework, backend, device)
        ]
        return min(found, key=lambda environment: (order.index(environment.era), environment.name), default=None)

    def era_of(self, header: Header) -> tuple[Era, str]:
        """(the era that a shard speaks of, why not the declared one: "" where it is).

        The declared era holds only where the header's framework, backend, device and versions are those of the declared environment.
        """
        declared = self.environments.get(header.environment)
        if declared is None:
            return Era.PINNED, f"{header.environment} is no declared environment"
        for what in ("framework", "backend", "device"):
            wanted, seen = getattr(declared, what), getattr(header, what)
            if wanted != seen:
                return Era.PINNED, f"{what} is {seen or 'none'}, {declared.name} is declared for {wanted or 'none'}"
        wrong = []
        for distribution, wanted in declared.expect.items():
            seen = version_of(distribution, header.versions)
            if seen is None:
                wrong.append(f"{distribution} is not among the versions, {declared.name} expects {wanted}")
            elif not same_release(seen, wanted):
                wrong.append(f"{distribution} is {seen}, {declared.name} expects {wanted}")
        return (Era.PINNED, "; ".join(wrong)) if wrong else (declared.era, "")

    def findings_for(self, capability: str, case: str, *, framework: str, backend: str, version: str) -> tuple[model.Finding, ...]:
        """The known faults of `framework` at `version` that could explain a failure of this case."""
        return tuple(
            finding
            for finding in self.findings.values()
            if finding.covers(framework=framework, backend=backend, version=version, capability=capability, case=case)
        )


def load_registry(claim_files: Sequence[Path] = (), root: Path | None = None) -> Registry:
    """Read the registry below `root` (a folder laid out like fixtures/; default the bundled one) and the claims of `claim_files`.

    Raises RegistryError with every fault of every file.
    """
    fixtures = fixtures_dir() if root is None else Path(root)
    folder = fixtures / "registry"
    problems: list[str] = []
    seen: dict[str, str] = {}

    capabilities: dict[str, model.Capability] = {}
    for name in ("capabilities.toml", "planned.toml"):
        found, top = load.entries(name, read_toml(folder / name, problems), "capability", "id", load.capability, problems)
        top.done()
        load.unique(name, found, capabilities, seen, problems)

    claims: dict[str, model.Claim | None] = {}
    claimed: dict[str, str] = {}
    for path in [folder / "claims.toml", *map(Path, claim_files)]:
        document = read_toml(path, problems)
        source = document.get("source")
        if document and (not isinstance(source, str) or not source):
            problems.append(f'{path.name}: source is missing; name where these claims come from: source = "..."')
        read, top = load.entries(
            path.name, document, "claim", "id", lambda table, s=str(source): load.claim(table, s), problems  # type: ignore[misc]
        )
        top.raw("source")
        top.done()
        load.unique(path.name, read, claims, claimed, problems)

    noted, top = load.entries("records.toml", read_toml(folder / "records.toml", problems), "record", "claim", load.record, problems)
    top.done()
    for name, _ in noted:
        if name and name not in claims:
            problems.append(f"records.toml: {name}: is no claim{_near(name, claims)}; correct the id, or add the claim")

    environments: dict[str, model.Environment] = {}
    subjects: dict[str, model.Subject] = {}
    document = read_toml(folder / "environments.toml", problems)
    declared, top = load.entries("environments.toml", document, "environment", "name", load.environment, problems)
    about, second = load.entries("environments.toml", document, "subject", "id", load.subject, problems)
    top.raw("subject")
    top.done()
    load.unique("environments.toml", declared, environments, {name: "environments.toml" for name, _ in declared}, problems)
    load.unique("environments.toml", about, subjects, {name: "environments.toml" for name, _ in about}, problems)

    findings: dict[str, model.Finding] = {}
    known, top = load.entries(
        "findings.toml",
        read_toml(folder / "findings.toml", problems),
        "finding",
        "id",
        lambda table: load.finding(table, fixtures / "findings"),
        problems,
    )
    top.done()
    load.unique("findings.toml", known, findings, {name: "findings.toml" for name, _ in known}, problems)

    records: dict[tuple[str, Era], tuple[model.Record, ...]] = {}
    for name, record in noted:
        records[name, record.era] = (*records.get((name, record.era), ()), record)
    registry = Registry(
        capabilities=dict(sorted(capabilities.items())),
        claims=dict(sorted((name, claim) for name, claim in claims.items() if claim is not None)),
        records=dict(sorted(records.items(), key=lambda item: (item[0][0], item[0][1].value))),
        environments=dict(sorted(environments.items())),
        subjects=dict(sorted(subjects.items())),
        findings=dict(sorted(findings.items())),
    )
    problems += _across(registry, seen, claimed)
    if problems:
        raise RegistryError(problems)
    return registry


def _across(registry: Registry, origin: Mapping[str, str], claimed: Mapping[str, str]) -> Iterable[str]:
    """What must hold between the files."""
    areas = {capability.area for capability in registry.capabilities.values()}
    for area in sorted(areas & set(registry.subjects)):
        first = min(name for name, one in registry.capabilities.items() if one.area == area)
        yield f"{origin[first]}: {first}: area {area!r} is also a subject of claims; rename the area"
    for subject in registry.subjects.values():
        for primary in subject.primary:
            environment = registry.environments.get(primary.environment)
            where = f"environments.toml: {subject.id}: primary environment {primary.environment!r}"
            if environment is None:
                yield f"{where} is not declared{_near(primary.environment, registry.environments)}; add [[environment]] for it"
            elif (environment.era, environment.device) != (primary.era, primary.device):
                yield f"{where} is {environment.era.value} on {environment.device}, not {primary.era.value} on {primary.device}"
    for claim in registry.claims.values():
        for fault in _claim_faults(claim, registry):
            yield f"{claimed[claim.id]}: {claim.id}: {fault}"
    for finding in registry.findings.values():
        where = f"findings.toml: {finding.id}"
        capability = registry.capabilities.get(finding.capability)
        if capability is None:
            near = _near(finding.capability, registry.capabilities)
            yield f"{where}: capability {finding.capability!r} is unknown{near}; correct the id"
            continue
        for case in finding.cases:
            if case not in {one.id for one in capability.cases}:
                yield f"{where}: {finding.capability} has no case {case!r}; correct the id"


def _claim_faults(claim: model.Claim, registry: Registry) -> Iterable[str]:
    subjects, environments = registry.subjects, registry.environments
    if claim.subject and claim.subject not in subjects:
        yield f"subject {claim.subject!r} is unknown{_near(claim.subject, subjects)}; add [[subject]] to environments.toml"
    for capability in claim.rule.capabilities():
        if capability not in registry.capabilities:
            near = _near(capability, registry.capabilities)
            yield f"its rule rests on {capability!r}, which is no capability{near}; correct the id, or add it to planned.toml"
    for part in walk(claim.rule):
        named: list[str | None] = []
        if isinstance(part, Atom):
            named = [part.subject]
            if part.environment is not None and part.environment not in environments:
                near = _near(part.environment, environments)
                yield f"its rule names environment {part.environment!r}, which is not declared{near}"
        elif isinstance(part, More):
            named = [part.subject, *part.than]
        elif isinstance(part, Ratio):
            named = [part.of, *part.over]
        for name in named:
            if name is not None and name not in subjects:
                yield f"its rule names subject {name!r}, which is unknown{_near(name, subjects)}"


def check_tests(registry: Registry, marked: Iterable[tuple[str, str]]) -> list[str]:
    """What is wrong between the registry and the tests, given the (capability, case) that each test function is marked with.

    Each test function counts once, however often it is parametrised. Empty where all is well.
    """
    problems = []
    tested: dict[tuple[str, str], int] = {}
    for pair in marked:
        tested[pair] = tested.get(pair, 0) + 1
    for (name, case), count in sorted(tested.items()):
        capability = registry.capabilities.get(name)
        if capability is None:
            near = _near(name, registry.capabilities)
            problems.append(f"{name}: a test is marked with it, and there is no such capability{near}; add it to capabilities.toml")
            continue
        if not capability.active:
            problems.append(f"{name}: is planned, and the test {case!r} is marked with it; make it active in capabilities.toml")
        elif case not in {one.id for one in capability.cases}:
            problems.append(f"{name}: a test is marked with case {case!r}, which it does not have; add [[capability.case]]")
        if count > 1:
            problems.append(f"{name}: case {case!r} has {count} tests; one case is one test, so split the case or merge the tests")
    for capability in registry.active():
        for one in capability.cases:
            if (capability.id, one.id) not in tested:
                problems.append(f'{capability.id}: case {one.id!r} has no test; write one marked capability("{capability.id}", "{one.id}")')
    return problems


def _near(name: str, known: Collection[str]) -> str:
    found = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean {found[0]}?)" if found else ""
