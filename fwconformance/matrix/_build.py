"""Building the matrix from shards and the registry. Pure: the same shards and registry give the same bytes."""

from __future__ import annotations

from typing import Iterable, Sequence

from fwconformance.evidence import CaseResult, CaseState, CellFold, Profile, Status, fold_case, fold_cell
from fwconformance.matrix import _model as model
from fwconformance.matrix._columns import build_columns
from fwconformance.matrix._duels import DUELLED, PAIRED_TIME
from fwconformance.matrix._merge import Merged, merge
from fwconformance.matrix._verdicts import claim_verdicts, record_id
from fwconformance.registry import Capability, Registry, rule_to_data
from fwconformance.shards import Shard
from fwconformance.verdicts import MeasuredRatio, MissingWorks


def build_matrix(
    shards: Iterable[Shard],
    registry: Registry,
    *,
    expected_environments: Iterable[str] = (),
    latest: bool = False,
    allow_mixed: bool = False,
    ratios: Sequence[MeasuredRatio] = (),
    missing: Sequence[MissingWorks] = (),
    judged_by: model.Suite | None = None,
) -> model.Matrix:
    """Merge `shards` and judge every claim of `registry` by them.

    Args:
        shards: in any order.
        registry: which capabilities, claims, records, environments and findings there are.
        expected_environments: names of declared environments; one without a shard gets a column of untested cells.
        latest: where several runs report the same case, take the latest run's word.
        allow_mixed: take shards of other suite revisions than `judged_by` (or, without it, of different ones), or one
            column of different versions, and mark columns.
        ratios: measured comparisons of two frameworks, for claims that rest on one.
        missing: works that keep some from being measured; the reasons of verdicts name them.
        judged_by: the revision of the program whose registry and rules judge; None where it is not known.

    Raises:
        MergeError: with every conflict, unknown capability and unfit shard, naming files and lines.
    """
    merged = merge(shards, registry, latest=latest, allow_mixed=allow_mixed, judged_by=judged_by)
    columns, reported = build_columns(merged, registry, expected_environments, judged_by)
    cells = tuple(
        _cell(column, capability, found, registry)
        for capability in registry.capabilities.values()
        for column, found in reported
    )
    records = _records(registry)
    return model.Matrix(
        suites=tuple(
            sorted({run.suite for column in columns for run in column.runs}, key=lambda s: (s.version, s.content))
        ),
        columns=columns,
        capabilities=tuple(_capability_row(capability) for capability in registry.capabilities.values()),
        cells=cells,
        claims=tuple(
            model.ClaimRow(
                id=claim.id,
                source=claim.source,
                subject=claim.subject,
                section=claim.section,
                paraphrase=claim.paraphrase,
                kind=claim.kind,
                revision=claim.revision,
                level=claim.level,
                device=claim.device,
                rule=rule_to_data(claim.rule),
                verdicts=verdicts,
            )
            for claim, verdicts in claim_verdicts(registry, columns, cells, ratios, missing)
        ),
        records=records,
        findings=_findings(registry, merged),
        proofs=_proofs(merged),
        judged_by=judged_by,
    )


def new_faults(matrix: model.Matrix) -> tuple[tuple[model.Cell, model.CellCase], ...]:
    """Cases that failed, broke, crashed or timed out without a known finding, with their cells: what fails a run.

    A case that fell in the run and passed alone counts as passed; its cell notes it.
    """
    return tuple(
        (cell, case)
        for cell in matrix.cells
        for case in cell.cases
        if case.attempts and case.attempts[-1].outcome.is_new_fault and not case.finding
    )


def stale_findings(matrix: model.Matrix) -> tuple[tuple[model.FindingRow, model.FindingCheck], ...]:
    """The known faults whose program no longer shows them, and where: an error until the entry is removed."""
    return tuple((finding, check) for finding in matrix.findings for check in finding.checks if not check.reproduced)


def _cell(column: model.Column, capability: Capability, merged: Merged | None, registry: Registry) -> model.Cell:
    results = _results(column, capability, merged) if merged else []
    fold = _fold(column, capability, results)
    return model.Cell(
        capability=capability.id,
        environment=column.environment,
        label=column.label,
        status=fold.status,
        level=fold.level,
        reason=fold.reason,
        notes=fold.notes,
        rerun=_rerun_command(column, capability, registry, results),
        cases=tuple(_cell_case(result, merged) for result in results) if merged else (),
    )


def _fold(column: model.Column, capability: Capability, results: Sequence[CaseResult]) -> CellFold:
    inapplicable = capability.inapplicable_to(column.framework, column.backend)
    if inapplicable is not None:
        return CellFold(status=Status.INAPPLICABLE, reason=inapplicable)
    if not capability.active:
        return CellFold(status=Status.UNTESTED, reason=DUELLED if capability.id == PAIRED_TIME else "no test yet")
    if not column.reported:
        return CellFold(status=Status.UNTESTED, reason=f"no report from {column.environment}")
    return fold_cell(results, capability.shown_by)


def _results(column: model.Column, capability: Capability, merged: Merged) -> list[CaseResult]:
    finished = all(header.run in merged.finished for header in merged.headers)
    results = []
    for case in capability.cases_for(column.framework, column.backend):
        _, observations = merged.observations.get((capability.id, case.id), ("", ()))
        results.append(
            fold_case(
                case.id,
                required=case.required,
                case_profile=case.profile,
                profiles=[
                    Profile(header.profile) for header in merged.headers if header.asked_for(capability.id, case.id)
                ],
                observations=observations,
                started=merged.started.get((capability.id, case.id), ()),
                finished=finished,
            )
        )
    return results


def _cell_case(result: CaseResult, merged: Merged) -> model.CellCase:
    attempts = []
    for observation in result.attempts:
        run, _ = merged.observations[observation.key.capability, observation.key.case]
        attempts.append(
            model.Attempt(
                attempt=observation.attempt,
                outcome=observation.outcome,
                level=observation.level,
                message=observation.message,
                duration=observation.duration,
                device_observed=observation.device_observed,
                figures=dict(sorted(observation.figures.items())),
                finding=observation.finding,
                run=run,
                details=observation.details,
            )
        )
    return model.CellCase(
        case=result.case,
        required=result.required,
        state=result.state,
        level=result.level,
        reason=result.reason,
        attempts=tuple(attempts),
    )


def _rerun_command(
    column: model.Column, capability: Capability, registry: Registry, results: Sequence[CaseResult]
) -> str:
    """The command that runs one cell again, by ids alone; in an interpreter of that environment.

    Its profile is the smallest that holds every case that the runs were to run or, where that was none, every required
    one; "standard" is not named.
    """
    words = ["fwconformance", "run", "--framework", column.framework]
    if column.backend:
        words += ["--backend", column.backend]
    if column.device != "cpu":
        words += ["--device", column.device]
    default = registry.environment_for(column.framework, column.backend, column.device)
    if default is None or default.name != column.environment:
        words += ["--environment", column.environment]
    profiles = {case.id: case.profile for case in capability.cases}
    asked = {profiles[result.case] for result in results if result.state is not CaseState.NOT_IN_PROFILE}
    asked = asked or {case.profile for case in capability.cases if case.required}
    if Profile.FULL in asked:
        words += ["--profile", Profile.FULL.value]
    elif asked == {Profile.SMOKE} and column.profiles == (Profile.SMOKE.value,):
        words += ["--profile", Profile.SMOKE.value]
    return " ".join([*words, "--only", capability.id])


def _capability_row(capability: Capability) -> model.CapabilityRow:
    tolerance = capability.tolerance
    return model.CapabilityRow(
        id=capability.id,
        title=capability.title,
        acceptance=capability.acceptance,
        status="active" if capability.active else "planned",
        tolerance={"rtol": tolerance.rtol, "atol": tolerance.atol, "because": tolerance.because} if tolerance else None,
        cases=tuple(
            model.CaseRow(id=case.id, required=case.required, profile=case.profile.value, sees=case.sees)
            for case in capability.cases
        ),
        shown_by=capability.shown_by.value,
    )


def _records(registry: Registry) -> tuple[model.RecordRow, ...]:
    return tuple(
        model.RecordRow(
            id=record_id(claim, era, number),
            claim=claim,
            era=era,
            stance=record.stance,
            strength=record.strength,
            date=record.date,
            read=record.read,
            text=record.text,
            sources=tuple(model.SourceRow(title=one.title, url=one.url, date=one.date) for one in record.sources),
        )
        for (claim, era), records in registry.records.items()
        for number, record in enumerate(records, start=1)
    )


def _findings(registry: Registry, merged: Sequence[Merged]) -> tuple[model.FindingRow, ...]:
    checks: dict[str, list[model.FindingCheck]] = {}
    for each in merged:
        for record in each.findings:
            check = model.FindingCheck(
                environment=each.key.environment,
                label=each.key.label,
                reproduced=record.reproduced,
                message=record.message,
            )
            checks.setdefault(record.id, []).append(check)
    return tuple(
        model.FindingRow(
            id=finding.id,
            framework=finding.framework,
            backend=finding.backend,
            capability=finding.capability,
            cases=finding.cases,
            versions=finding.versions,
            summary=finding.summary,
            upstream=finding.upstream,
            program=finding.program,
            checks=tuple(checks.get(finding.id, ())),
        )
        for finding in registry.findings.values()
    )


def _proofs(merged: Sequence[Merged]) -> tuple[model.Proof, ...]:
    return tuple(
        model.Proof(
            environment=each.key.environment,
            label=each.key.label,
            sabotage=proof.sabotage,
            capability=proof.capability,
            case=proof.case,
            killed=proof.killed,
            message=proof.message,
        )
        for each in merged
        for proof in each.proofs
    )
