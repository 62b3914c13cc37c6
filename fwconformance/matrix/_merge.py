"""Merging shards: what was reported, by column and case, each result once. Reads no clock, host or path.

An equal result from the same run is taken once. Anything else with the same key is a conflict, unless the latest run is
asked for. The result depends neither on the order nor on the names of the shards; names stand in errors alone.
"""

from __future__ import annotations

from typing import Iterable, Mapping, NamedTuple, Sequence

import attrs

from fwconformance.evidence import Header, Observation, Outcome, Profile
from fwconformance.matrix._model import MatrixError, Suite
from fwconformance.registry import Registry
from fwconformance.shards import FindingRecord, ProofRecord, Shard

_SHOWN = 20  # problems that an error lists before it counts the rest


class MergeError(MatrixError):
    """Shards that do not go together. `problems`: each of them, naming files and lines."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        rest = len(problems) - _SHOWN
        super().__init__("\n".join([*problems[:_SHOWN], *([f"... and {rest} more"] if rest > 0 else [])]))


class ColumnKey(NamedTuple):
    """What makes a column: the fields of `evidence.Key` without capability and case."""

    environment: str
    label: str
    framework: str
    backend: str
    device: str


@attrs.frozen(kw_only=True)
class Merged:
    """What was reported in one column.

    Attributes:
        headers: one for each run, by start. finished: ids of the runs that came to their end.
        observations: by capability and case, all attempts, with the run that they are from.
        started: the attempts that began, by capability and case.
        findings, proofs: each once, sorted.
    """

    key: ColumnKey
    headers: tuple[Header, ...]
    finished: frozenset[str]
    observations: Mapping[tuple[str, str], tuple[str, tuple[Observation, ...]]]
    started: Mapping[tuple[str, str], tuple[int, ...]]
    findings: tuple[FindingRecord, ...]
    proofs: tuple[ProofRecord, ...]


def suite_of(header: Header) -> Suite:
    """The revision of the suites that made a shard."""
    return Suite(version=header.suite_version, content=header.suite_content)


def suites_in_words(suites: Iterable[Suite]) -> str:
    """Version and the hash's beginning of each: "0.1.0 (sha256:0123456789ab)"."""
    ordered = sorted(suites, key=lambda suite: (suite.version, suite.content))
    return " and ".join(f"{suite.version} ({suite.content[:19]})" for suite in ordered)


def merge(
    shards: Iterable[Shard], registry: Registry, *, latest: bool, allow_mixed: bool, judged_by: Suite | None = None
) -> list[Merged]:
    """The columns, sorted. Raises MergeError with every problem of every shard."""
    ordered = sorted(shards, key=lambda shard: (shard.header.started, shard.header.run, shard.path))
    problems = [problem for shard in ordered for problem in _faults(shard, registry)]
    problems += _header_conflicts(ordered)
    if not allow_mixed:
        problems += _other_suites(ordered, judged_by) if judged_by else _mixed_suites(ordered)
    columns: dict[ColumnKey, list[Shard]] = {}
    for shard in ordered:
        columns.setdefault(_column(shard.header), []).append(shard)
    merged = [
        _merge_column(key, columns[key], latest=latest, allow_mixed=allow_mixed, problems=problems)
        for key in sorted(columns)
    ]
    if problems:
        raise MergeError(list(dict.fromkeys(problems)))
    return merged


def _column(header: Header) -> ColumnKey:
    return ColumnKey(header.environment, header.label, header.framework, header.backend, header.device)


def _faults(shard: Shard, registry: Registry) -> Iterable[str]:
    """What makes a shard unfit by itself."""
    if shard.header.mutant:
        yield (
            f"{shard.path}: was made with the fault {shard.header.mutant!r} switched on; "
            "it proves that tests can fail and is no evidence: leave it out"
        )
    profiles = [profile.value for profile in Profile]
    if shard.header.profile not in profiles:
        yield f"{shard.path}: unknown profile {shard.header.profile!r}; it is one of {', '.join(profiles)}"
    known = {capability.id: {case.id for case in capability.cases} for capability in registry.active()}
    named = [
        (_at(shard, observation), observation.key.capability, observation.key.case, observation.finding)
        for observation in shard.observations
    ]
    for observation in shard.observations:
        if observation.outcome is Outcome.PASSED and observation.level is None:
            yield (
                f"{_at(shard, observation)}: {observation.key.capability}:{observation.key.case} passed, and has no "
                "level: a passed observation must say how strong the evidence is; the shard was edited: run it again"
            )
    named += [(shard.path, start.capability, start.case, None) for start in shard.unfinished]
    named += [(shard.path, proof.capability, proof.case, None) for proof in shard.proofs]
    named += [(shard.path, "", "", record.id) for record in shard.findings]
    remedy = f"merge it with the fwconformance that made it ({_made_by(shard)})"
    for where, capability, case, finding in named:
        if capability and capability in registry.capabilities and capability not in known:
            yield f"{where}: reports {capability}, which is planned and has no tests in this registry"
        elif capability and capability not in known:
            yield f"{where}: unknown capability {capability!r}; {remedy}"
        elif capability and case not in known[capability]:
            yield f"{where}: {capability} has no case {case!r}, only {', '.join(sorted(known[capability]))}; {remedy}"
        if finding is not None and finding not in registry.findings:
            yield f"{where}: unknown finding {finding!r}; {remedy}"


def _made_by(shard: Shard) -> str:
    return f"{shard.header.suite_version}, suites {shard.header.suite_content[:19]}"


def _at(shard: Shard, observation: Observation) -> str:
    line = shard.lines.get((observation.key.capability, observation.key.case, observation.attempt))
    return shard.path if line is None else f"{shard.path}:{line}"


def _header_conflicts(shards: Sequence[Shard]) -> Iterable[str]:
    """One run has one header."""
    first: dict[str, Shard] = {}
    for shard in shards:
        other = first.setdefault(shard.header.run, shard)
        if other.header != shard.header:
            yield (
                f"{other.path} and {shard.path}: are of one run ({shard.header.run}) and their headers differ; "
                "one was edited: leave it out"
            )


def _other_suites(shards: Sequence[Shard], judged_by: Suite) -> Iterable[str]:
    """Old results under new rules look like verdicts of the old revision; whoever wants them must say so."""
    for shard in shards:
        suite = suite_of(shard.header)
        if suite != judged_by:
            yield (
                f"{shard.path}: was run with suites {suites_in_words([suite])} and would be judged by "
                f"{suites_in_words([judged_by])}; run it again, or allow it with --allow-mixed"
            )


def _mixed_suites(shards: Sequence[Shard]) -> Iterable[str]:
    first: dict[tuple[str, str], Shard] = {}
    for shard in shards:
        first.setdefault((shard.header.suite_version, shard.header.suite_content), shard)
    distinct = list(first.values())
    for other in distinct[1:]:
        yield (
            f"{distinct[0].path} and {other.path}: were made by different suites ({_made_by(distinct[0])}; "
            f"{_made_by(other)}); run the older again, or allow it with --allow-mixed"
        )


def _merge_column(
    key: ColumnKey, shards: Sequence[Shard], *, latest: bool, allow_mixed: bool, problems: list[str]
) -> Merged:
    headers: dict[str, Header] = {}
    for shard in shards:
        headers.setdefault(shard.header.run, shard.header)
    if not allow_mixed:
        problems += _mixed_versions(key, shards)
    observations = {}
    for pair, reported in sorted(_by_case(shards).items()):
        observations[pair] = _one_run(pair, reported, latest=latest, problems=problems)
    runs = {pair: run for pair, (run, _) in observations.items()}
    started: dict[tuple[str, str], set[int]] = {}
    for shard in shards:
        for start in shard.unfinished:
            pair = (start.capability, start.case)
            if runs.get(pair, shard.header.run) == shard.header.run:
                started.setdefault(pair, set()).add(start.attempt)
    return Merged(
        key=key,
        headers=tuple(headers.values()),
        finished=frozenset(shard.header.run for shard in shards if shard.ended is not None),
        observations=observations,
        started={pair: tuple(sorted(attempts)) for pair, attempts in sorted(started.items())},
        findings=_findings(shards),
        proofs=_proofs(shards, latest=latest, problems=problems),
    )


def _mixed_versions(key: ColumnKey, shards: Sequence[Shard]) -> Iterable[str]:
    base = shards[0]
    for shard in shards[1:]:
        mine, theirs = ({**each.header.versions, "python": each.header.python} for each in (base, shard))
        differing = sorted(name for name in {*mine, *theirs} if mine.get(name) != theirs.get(name))
        if differing:
            words = ", ".join(
                f"{name} {mine.get(name, 'absent')} and {theirs.get(name, 'absent')}" for name in differing
            )
            yield (
                f"{base.path} and {shard.path}: are both of {key.environment} on {key.label} and have different "
                f"versions ({words}); give them different labels, or allow it with --allow-mixed"
            )


class _Reported(NamedTuple):
    """An observation, where it stands, and the run that it is from."""

    where: str
    run: str
    started: str
    observation: Observation


def _by_case(shards: Sequence[Shard]) -> dict[tuple[str, str], list[_Reported]]:
    found: dict[tuple[str, str], list[_Reported]] = {}
    for shard in shards:
        for observation in shard.observations:
            reported = _Reported(_at(shard, observation), shard.header.run, shard.header.started, observation)
            found.setdefault((observation.key.capability, observation.key.case), []).append(reported)
    return found


def _one_run(
    pair: tuple[str, str], reported: Sequence[_Reported], *, latest: bool, problems: list[str]
) -> tuple[str, tuple[Observation, ...]]:
    """The attempts of one case, all of one run: the only one there is, or the latest if that was asked for."""
    runs = sorted({(each.started, each.run) for each in reported})
    if len(runs) > 1 and not latest:
        one, other = (next(each for each in reported if each.run == run) for _, run in (runs[0], runs[-1]))
        problems.append(
            f"{one.where} and {other.where}: both report {':'.join(pair)} for the same environment and label, from "
            "different runs; leave one out, or take the latest run with --latest"
        )
    chosen = runs[-1][1]
    attempts: dict[int, _Reported] = {}
    for each in reported:
        if each.run != chosen:
            continue
        first = attempts.setdefault(each.observation.attempt, each)
        if first.observation != each.observation:
            problems.append(
                f"{first.where} and {each.where}: both report {':'.join(pair)}, attempt {each.observation.attempt}, of "
                "one run, and differ; one was edited: leave it out"
            )
    return chosen, tuple(attempts[number].observation for number in sorted(attempts))


def _findings(shards: Sequence[Shard]) -> tuple[FindingRecord, ...]:
    """The latest run's word on each finding."""
    said = [(_age(shard), record.reproduced, record.message, record) for shard in shards for record in shard.findings]
    found = {record.id: record for *_, record in sorted(said, key=lambda each: each[:3])}
    return tuple(found[name] for name in sorted(found))


def _proofs(shards: Sequence[Shard], *, latest: bool, problems: list[str]) -> tuple[ProofRecord, ...]:
    """The latest run's word on each fault; where runs disagree it is a conflict, unless the latest was asked for."""
    said = [(_age(shard), proof.killed, proof.message, shard, proof) for shard in shards for proof in shard.proofs]
    found: dict[tuple[str, str, str], tuple[Shard, ProofRecord]] = {}
    for *_, shard, proof in sorted(said, key=lambda each: each[:3]):
        key = (proof.sabotage, proof.capability, proof.case)
        first = found.get(key)
        if first is not None and first[1].killed != proof.killed and not latest:
            problems.append(
                f"{first[0].path} and {shard.path}: disagree on whether {proof.sabotage} is caught by "
                f"{proof.capability}:{proof.case}; leave one out, or take the latest run with --latest"
            )
        found[key] = (shard, proof)
    return tuple(found[key][1] for key in sorted(found))


def _age(shard: Shard) -> tuple[str, str]:
    return shard.header.started, shard.header.run
