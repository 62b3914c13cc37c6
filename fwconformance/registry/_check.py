"""What must hold between the registry's files, and between the registry and the tests."""

from __future__ import annotations

import difflib
from typing import Collection, Iterable, Mapping

from fwconformance.registry import _model as model
from fwconformance.registry._registry import Registry
from fwconformance.registry._rules import Atom, Lacks, More, Ratio, walk_rule


def across(registry: Registry, origin: Mapping[str, str], stated: Collection[str]) -> Iterable[str]:
    """Every fault between the files. `origin`: file of each capability and claim; `stated`: ids of all claims."""
    areas = {capability.area for capability in registry.capabilities.values()}
    for area in sorted(areas & set(registry.subjects)):
        first = min(name for name, one in registry.capabilities.items() if one.area == area)
        yield f"{origin[first]}: {first}: area {area!r} is also a subject of claims; rename the area"
    for environment in registry.environments.values():
        if environment.subject and environment.subject not in registry.subjects:
            near = _near(environment.subject, registry.subjects)
            where = f"environments.toml: {environment.name}: subject {environment.subject!r}"
            yield f"{where} is unknown{near}; add [[subject]] for it"
    for subject in registry.subjects.values():
        for primary in subject.primary:
            named = registry.environments.get(primary.environment)
            where = f"environments.toml: {subject.id}: primary environment {primary.environment!r}"
            if named is None:
                near = _near(primary.environment, registry.environments)
                yield f"{where} is not declared{near}; add [[environment]] for it"
            elif named.device != primary.device or not (
                named.era is primary.era or subject.one_release(named.era, primary.era)
            ):
                declared = f"{named.era.value} on {named.device}"
                yield f"{where} is declared {declared}, not {primary.era.value} on {primary.device}; correct one"
    for claim in registry.claims.values():
        for fault in _claim_faults(claim, registry):
            yield f"{origin[claim.id]}: {claim.id}: {fault}"
    for name in sorted({name for name, _ in registry.records if name and name not in stated}):
        yield f"records.toml: {name}: there is no such claim{_near(name, stated)}; correct the id, or add the claim"
    for finding in registry.findings.values():
        for fault in _finding_faults(finding, registry):
            yield f"findings.toml: {finding.id}: {fault}"


def subject_faults(subject: str, registry: Registry) -> Iterable[str]:
    """What is wrong with the subject of a claim; its rule may be unreadable."""
    if subject and subject not in registry.subjects:
        near = _near(subject, registry.subjects)
        yield f"subject {subject!r} is unknown{near}; correct it, or add [[subject]] to environments.toml"


def _claim_faults(claim: model.Claim, registry: Registry) -> Iterable[str]:
    subjects, environments = registry.subjects, registry.environments
    yield from subject_faults(claim.subject, registry)
    for capability in claim.rule.capabilities():
        if capability not in registry.capabilities:
            near = _near(capability, registry.capabilities)
            yield f"its rule rests on unknown capability {capability!r}{near}; correct it, or add it to planned.toml"
    own = subjects.get(claim.subject)
    for part in walk_rule(claim.rule):
        named: list[str | None] = []
        if isinstance(part, Atom):
            named = [part.subject]
            if part.environment is not None and part.environment not in environments:
                near = _near(part.environment, environments)
                yield f"its rule names unknown environment {part.environment!r}{near}; correct it, or declare it"
            if part.subject is None and part.environment is None and own is not None and not own.runs:
                yield f"its rule has {part.capability!r} of {own.id}, which is nothing that runs; name a subject"
        elif isinstance(part, More):
            named = [part.subject, *part.than]
        elif isinstance(part, Lacks):
            named = [part.subject, part.than]
            known = (
                [case.id for case in registry.capabilities[part.of].cases] if part.of in registry.capabilities else []
            )
            if known and part.case not in known:
                near = _near(part.case, known)
                yield f"its rule looks at {part.of}, which has no case {part.case!r}{near}; correct it"
        elif isinstance(part, Ratio):
            named = [part.of, *part.over]
        for name in named:
            if name is not None and name not in subjects:
                yield f"its rule names unknown subject {name!r}{_near(name, subjects)}; correct it"


def _finding_faults(finding: model.Finding, registry: Registry) -> Iterable[str]:
    capability = registry.capabilities.get(finding.capability)
    if capability is None:
        near = _near(finding.capability, registry.capabilities)
        yield f"capability {finding.capability!r} is unknown{near}; correct the id"
        return
    known = [one.id for one in capability.cases]
    for case in finding.cases:
        if case not in known:
            yield f"{finding.capability} has no case {case!r}{_near(case, known)}; correct the id"


def check_tests(registry: Registry, marked: Iterable[tuple[str, str]]) -> list[str]:
    """What is wrong between the registry and the tests, given the (capability, case) of each test function's mark.

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
            problems.append(f"{name}: unknown capability marked on a test{near}; add it to capabilities.toml")
            continue
        known = [one.id for one in capability.cases]
        if not capability.active:
            problems.append(f"{name}: planned, but it has test {case!r}; make it active in capabilities.toml")
        elif case not in known:
            problems.append(f"{name}: unknown case {case!r} on a test{_near(case, known)}; add [[capability.case]]")
        if count > 1:
            problems.append(f"{name}: case {case!r} has {count} tests; a case is one test, so split it or join them")
    for capability in registry.active():
        problems.extend(
            f'{capability.id}: case {one.id!r} has no test; write one marked capability("{capability.id}", "{one.id}")'
            for one in capability.cases
            if (capability.id, one.id) not in tested
        )
    return problems


def _near(name: str, known: Collection[str]) -> str:
    found = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean {found[0]}?)" if found else ""
