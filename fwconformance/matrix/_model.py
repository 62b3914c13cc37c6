"""The matrix as typed objects, and its JSON form in both directions. Unknown fields are ignored on the way in."""

from __future__ import annotations

import json
from typing import Any, Iterable, Mapping

import attrs

from fwconformance.evidence import CaseState, Details, Era, Figure, Level, Outcome, Status, details_to_json
from fwconformance.matrix._duels import CampaignRow, DuelRow, LimitRow, ThroughputRow
from fwconformance.verdicts import Verdict

SCHEMA = "fwconformance.matrix/1"


class MatrixError(ValueError):
    """A matrix that cannot be read, or a question that it cannot answer; says what to do."""


def _several(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Suite:
    """The revision of the suites: the package's version and the hash of suites, fixtures and adapters."""

    version: str
    content: str


@attrs.frozen(kw_only=True)
class Run:
    """One run that a column was filled from; fields as in the shard's header. `finished`: it wrote its end record.

    `only`: what it was limited to; empty for everything in its profile.
    """

    run: str
    started: str
    finished: bool
    profile: str
    seed: int
    versions: Mapping[str, str]
    python: str
    platform: Mapping[str, str]
    suite: Suite
    only: tuple[str, ...] = attrs.field(default=(), converter=_several)


@attrs.frozen(kw_only=True)
class Column:
    """One environment on one machine.

    Attributes:
        environment, label, framework, backend, device: see `evidence.Key`; label "" where nothing was reported.
        era: "2020", "current", or "pinned", which decides no claim. era_reason: why pinned, else "".
        subject: what it speaks of, and whose era it is, where that is not the framework but a library that pins it.
        reported: False for an expected environment that no shard is from.
        runs: what it was filled from, by start.
        mixed: how its suite revision differs from the judging one or, where that is not known, from the newest run's;
            "" where it does not.
    """

    environment: str
    label: str
    framework: str
    backend: str
    device: str
    era: Era
    era_reason: str
    reported: bool
    runs: tuple[Run, ...]
    mixed: str
    subject: str = ""

    @property
    def versions(self) -> dict[str, str]:
        """Distribution to version, over all runs (which agree, or the column is marked as mixed)."""
        return {name: version for run in self.runs for name, version in sorted(run.versions.items())}

    @property
    def profiles(self) -> tuple[str, ...]:
        return tuple(sorted({run.profile for run in self.runs}))


@attrs.frozen(kw_only=True)
class CaseRow:
    """A case as the registry declares it."""

    id: str
    required: bool
    profile: str
    sees: str


@attrs.frozen(kw_only=True)
class CapabilityRow:
    """A capability as the registry declares it. status: active or planned. tolerance: rtol, atol, because; or None.

    shown_by: "all" of its required cases show it, or "any" of them.
    """

    id: str
    title: str
    acceptance: str
    status: str
    tolerance: Mapping[str, Any] | None
    cases: tuple[CaseRow, ...]
    shown_by: str = "all"


@attrs.frozen(kw_only=True)
class Attempt:
    """One run of a case. message: as it was reported. details: in words, by kind and by name."""

    attempt: int
    outcome: Outcome
    level: Level | None
    message: str
    duration: float | None
    device_observed: tuple[str, ...]
    figures: Mapping[str, Figure]
    finding: str | None
    run: str
    details: Details = attrs.field(factory=dict, converter=details_to_json)


@attrs.frozen(kw_only=True)
class CellCase:
    """One case in a cell; see `evidence.CaseResult`."""

    case: str
    required: bool
    state: CaseState
    level: Level | None
    reason: str
    attempts: tuple[Attempt, ...]

    @property
    def finding(self) -> str | None:
        """Id of the known fault that explains it, from the attempt that decided."""
        return self.attempts[-1].finding if self.attempts else None

    @property
    def figures(self) -> Mapping[str, Figure]:
        return self.attempts[-1].figures if self.attempts else {}

    @property
    def details(self) -> Details:
        return self.attempts[-1].details if self.attempts else {}


@attrs.frozen(kw_only=True)
class Cell:
    """What one environment shows of one capability; see `evidence.CellFold`. rerun: the command that runs it again."""

    capability: str
    environment: str
    label: str
    status: Status
    level: Level | None
    reason: str
    notes: tuple[str, ...]
    rerun: str
    cases: tuple[CellCase, ...]

    @property
    def findings(self) -> tuple[str, ...]:
        """Ids of the known faults that explain its failures, sorted."""
        return tuple(sorted({case.finding for case in self.cases if case.finding}))


@attrs.frozen(kw_only=True)
class ClaimRow:
    """A claim with its verdicts: the headline of each era first, then those beside it. rule: as in the claim file."""

    id: str
    source: str
    subject: str
    section: str
    paraphrase: str
    kind: str
    revision: int
    level: Level
    device: str
    rule: Any
    verdicts: tuple[Verdict, ...]

    def headline(self, era: Era | str = Era.CURRENT) -> Verdict:
        """The verdict for the primary environment of that era. Raises MatrixError where the matrix holds none."""
        for verdict in self.verdicts:
            if verdict.headline and verdict.era is Era(era):
                return verdict
        raise MatrixError(f"the matrix holds no headline verdict on {self.id} for the era {Era(era).value}")

    def beside(self, era: Era | str = Era.CURRENT) -> tuple[Verdict, ...]:
        """The verdicts for other environments and machines in that era."""
        return tuple(each for each in self.verdicts if not each.headline and each.era is Era(era))


@attrs.frozen(kw_only=True)
class SourceRow:
    """Where a record was read."""

    title: str
    url: str
    date: str


@attrs.frozen(kw_only=True)
class RecordRow:
    """A record; id: "claim/era/number", number in the order of the registry."""

    id: str
    claim: str
    era: Era
    stance: str
    strength: str
    date: str
    read: str
    text: str
    sources: tuple[SourceRow, ...]


@attrs.frozen(kw_only=True)
class FindingCheck:
    """Whether the program of a finding still showed the fault in one environment."""

    environment: str
    label: str
    reproduced: bool
    message: str


@attrs.frozen(kw_only=True)
class FindingRow:
    """A known fault, and where its program was run."""

    id: str
    framework: str
    backend: str | None
    capability: str
    cases: tuple[str, ...]
    versions: str
    summary: str
    upstream: str
    program: str
    checks: tuple[FindingCheck, ...]


@attrs.frozen(kw_only=True)
class Proof:
    """Whether a fault that was switched on (a mutant, or a sabotage of the real framework) turned a case red."""

    environment: str
    label: str
    sabotage: str
    capability: str
    case: str
    killed: bool
    message: str


@attrs.frozen(kw_only=True)
class Matrix:
    """Everything that is known, in one document. Build it with `build_matrix`, read it with `load_matrix`.

    `suites` made the shards; `judged_by` is the revision whose registry and rules judged them, None where it is not
    known (documents of before it was kept).
    """

    suites: tuple[Suite, ...]
    columns: tuple[Column, ...]
    capabilities: tuple[CapabilityRow, ...]
    cells: tuple[Cell, ...]
    claims: tuple[ClaimRow, ...]
    records: tuple[RecordRow, ...]
    findings: tuple[FindingRow, ...]
    proofs: tuple[Proof, ...]
    judged_by: Suite | None = None
    duels: tuple[DuelRow, ...] = ()
    campaigns: tuple[CampaignRow, ...] = ()
    throughputs: tuple[ThroughputRow, ...] = ()
    limits: tuple[LimitRow, ...] = ()
    _cells: dict[tuple[str, str, str], Cell] = attrs.field(init=False, repr=False, eq=False)

    @_cells.default
    def _index(self) -> dict[tuple[str, str, str], Cell]:
        return {(cell.capability, cell.environment, cell.label): cell for cell in self.cells}

    def column(self, environment: str, label: str | None = None) -> Column:
        """The column of an environment. Raises MatrixError where there is none, or several machines and no `label`."""
        found = [
            column for column in self.columns if column.environment == environment and label in (None, column.label)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            labels = ", ".join(repr(column.label) for column in found)
            raise MatrixError(f"{environment} was run on several machines: name one of the labels {labels}")
        known = ", ".join(sorted({column.environment for column in self.columns})) or "none"
        where = environment if label is None else f"{environment} labelled {label!r}"
        raise MatrixError(f"the matrix has no column {where}; its environments are: {known}")

    def cell(self, capability: str, environment: str, label: str | None = None) -> Cell:
        """What `environment` shows of `capability`. Raises MatrixError where the matrix has no such row or column."""
        column = self.column(environment, label)
        found = self._cells.get((capability, column.environment, column.label))
        if found is None:
            raise MatrixError(f"the matrix has no capability {capability!r}; see Matrix.capabilities for those it has")
        return found

    def claim(self, claim: str) -> ClaimRow:
        """The claim of that id. Raises MatrixError where there is none."""
        for row in self.claims:
            if row.id == claim:
                return row
        raise MatrixError(f"the matrix has no claim {claim!r}; see Matrix.claims for those it has")

    def to_json(self) -> dict[str, Any]:
        """The document, as `schema/matrix-1.schema.json` describes it."""
        document: dict[str, Any] = _plain(self)
        document["schema"] = SCHEMA
        return document

    def dumps(self) -> str:
        """The document as text: sorted keys, no NaN, one newline at the end; equal matrices give equal bytes."""
        return json.dumps(self.to_json(), sort_keys=True, indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    """Objects, enums, tuples and mappings as JSON has them; verdicts and figures in their own form; details, which few
    cases have, only where there are some.
    """
    if isinstance(value, (Verdict, Figure)):
        return value.to_json()
    if attrs.has(type(value)):
        names = [field.name for field in attrs.fields(type(value)) if not field.name.startswith("_")]
        if isinstance(value, Attempt) and not value.details:
            names.remove("details")
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, (CaseState, Era, Level, Outcome, Status)):
        return value.value
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in sorted(value.items())}
    if isinstance(value, (tuple, list)):
        return [_plain(inner) for inner in value]
    return value
