"""What a run says at its end: a row a capability, the counts, what is new and wrong."""

from __future__ import annotations

from collections import Counter
from typing import Iterable

import attrs

from fwconformance.cli._output import table
from fwconformance.evidence import CaseResult, CellFold, Observation, Outcome, fold_case, fold_cell
from fwconformance.registry import Capability, Registry
from fwconformance.supervisor import RunRequest, RunResult


@attrs.frozen(kw_only=True)
class Summary:
    """What is to be printed and judged.

    Attributes:
        lines: for standard output.
        cells: by capability, of those that were run whole.
        faults: observations that are new and wrong.
        nothing: why nothing was verified; None where something was.
    """

    lines: tuple[str, ...]
    cells: dict[str, CellFold]
    faults: tuple[Observation, ...]
    nothing: str | None


def summarise(result: RunResult, request: RunRequest, registry: Registry) -> Summary:
    planned = set(result.planned)
    seen = [one for one in result.shard.observations if (one.key.capability, one.key.case) in planned]
    cells: dict[str, CellFold] = {}
    rows = []
    for capability in registry.active():
        wanted = {case for name, case in planned if name == capability.id}
        if not wanted:
            continue
        results = _results(capability, wanted, seen, result, request)
        if _whole(capability, wanted, request):
            cell = cells[capability.id] = fold_cell(results, capability.shown_by)
            rows.append((capability.id, cell.status.value, cell.level.value if cell.level else "-", _reason(cell)))
        else:
            for one in results:
                if one.case in wanted:
                    level = one.level.value if one.level else "-"
                    rows.append((f"{capability.id}:{one.case}", one.state.value, level, one.reason))
    # The last attempt decides, as it does in the matrix; what fell in the run and passed alone is a note of its cell.
    last = {(one.key.capability, one.key.case): one for one in sorted(seen, key=lambda one: one.attempt)}
    faults = tuple(one for one in last.values() if one.outcome.is_new_fault and one.finding is None)
    counts = Counter(row[1] for row in rows)
    header = result.shard.header
    versions = ", ".join(f"{name} {version}" for name, version in sorted(header.versions.items()))
    lines = [
        "",
        f"{header.environment} ({header.label}): {versions}",
        "",
        table(rows, ("capability", "status", "level", "reason")),
        "",
        ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) + f"; {len(seen)} observations",
        *_known(seen),
        *_new(faults),
    ]
    return Summary(lines=tuple(lines), cells=cells, faults=faults, nothing=nothing_verified(seen))


def _results(
    capability: Capability, wanted: set[str], seen: Iterable[Observation], result: RunResult, request: RunRequest
) -> list[CaseResult]:
    started = [start for start in result.shard.unfinished if start.capability == capability.id]
    return [
        fold_case(
            case.id,
            required=case.required,
            case_profile=case.profile,
            profiles=[request.profile],
            observations=[one for one in seen if one.key.capability == capability.id and one.key.case == case.id],
            started=[start.attempt for start in started if start.case == case.id],
        )
        for case in capability.cases_for(request.target.framework, request.target.backend)
    ]


def _whole(capability: Capability, wanted: set[str], request: RunRequest) -> bool:
    """Whether nothing of the capability that lies in the profile was left out by --only."""
    here = capability.cases_for(request.target.framework, request.target.backend)
    return all(case.id in wanted for case in here if request.profile.holds(case.profile))


def _reason(cell: CellFold) -> str:
    return cell.reason or "; ".join(cell.notes)


def _known(seen: Iterable[Observation]) -> Iterable[str]:
    by_finding: dict[str, list[str]] = {}
    for one in seen:
        if one.finding is not None:
            by_finding.setdefault(one.finding, []).append(f"{one.key.capability}:{one.key.case}")
    for finding, cases in sorted(by_finding.items()):
        yield f"known finding {finding}: {', '.join(sorted(set(cases)))}"


def _new(faults: Iterable[Observation]) -> Iterable[str]:
    for one in faults:
        attempt = "" if one.attempt == 1 else ", alone"
        yield f"new: {one.key.capability}:{one.key.case} {one.outcome.value}{attempt}: {one.message}"


def nothing_verified(observations: Iterable[Observation]) -> str | None:
    """Why nothing was verified, in the words of `pytest --framework`; None where a case passed."""
    seen = list(observations)
    if any(one.outcome is Outcome.PASSED for one in seen):
        return None
    if not seen:
        return "no case ran"
    if all(one.outcome is Outcome.UNAVAILABLE for one in seen):
        reasons = Counter(one.message for one in seen)
        reason, count = min(reasons.items(), key=lambda item: (-item[1], item[0]))
        return reason if len(reasons) == 1 else f"{len(seen)} cases unavailable, {count} of them: {reason}"
    counts = Counter(one.outcome.value for one in seen)
    return "no case passed: " + ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
