"""Which verdicts each claim gets, and which cell each of its atoms speaks of.

For each era one headline verdict, for the primary environment of the claim's subject on the claim's kind of device, and
one verdict beside it for every other environment and machine of that subject in that era. No best-of.
"""

from __future__ import annotations

from typing import Iterable, Iterator, Sequence

import attrs

from fwconformance.evidence import CaseState, Era, Level, Status
from fwconformance.matrix import _model as model
from fwconformance.matrix._counts import counted_ratio
from fwconformance.matrix._duels import PAIRED_TIME, no_duels
from fwconformance.registry import Atom, Claim, Lacks, More, Ratio, Registry, walk_rule
from fwconformance.verdicts import Answer, CellEvidence, Evidence, MeasuredRatio, MissingWorks, Verdict, decide

ERAS = (Era.Y2020, Era.CURRENT)


def record_id(claim: str, era: Era, number: int) -> str:
    """Of the `number`-th record (from 1) of a claim in an era, in the order of the registry."""
    return f"{claim}/{era.value}/{number}"


def claim_verdicts(
    registry: Registry,
    columns: Sequence[model.Column],
    cells: Sequence[model.Cell],
    ratios: Sequence[MeasuredRatio],
    missing: Sequence[MissingWorks],
) -> Iterable[tuple[Claim, tuple[Verdict, ...]]]:
    """Every claim with its verdicts, headlines first."""
    judge = _Judge(registry, columns, cells, ratios, missing)
    for claim in registry.claims.values():
        verdicts = [judge.headline(claim, era) for era in ERAS]
        for era in ERAS:
            verdicts += judge.beside(claim, era, verdicts)
        yield claim, tuple(verdicts)


@attrs.frozen
class _Sight:
    """Where a verdict looks: era, kind of device, and the column of the claim's own subject, if there is one."""

    claim: Claim
    era: Era
    device: str
    column: model.Column | None
    absent: str  # why there is no column


class _Judge:
    def __init__(
        self,
        registry: Registry,
        columns: Sequence[model.Column],
        cells: Sequence[model.Cell],
        ratios: Sequence[MeasuredRatio],
        missing: Sequence[MissingWorks],
    ) -> None:
        self._registry = registry
        self._columns = columns
        self._cells = {(cell.capability, cell.environment, cell.label): cell for cell in cells}
        self._ratios = ratios
        self._missing = missing

    def headline(self, claim: Claim, era: Era) -> Verdict:
        """The verdict for the primary environment; of several machines the first by label, the others are beside.

        Where nothing ran on the claim's kind of device, the primary one on the CPU stands in, if the weaker evidence
        that it may hold says anything.
        """
        column, absent = self._primary(claim.subject, era, claim.device, "")
        plain = self._decide(_Sight(claim, era, claim.device, column, absent), headline=True)
        if claim.device == "cpu" or plain.answer is not Answer.UNTESTED:
            return plain
        column, _ = self._primary(claim.subject, era, "cpu", "")
        if column is None:
            return plain
        instead = self._decide(_Sight(claim, era, claim.device, column, absent), headline=True)
        return plain if instead.answer is Answer.UNTESTED else instead

    def beside(self, claim: Claim, era: Era, headlines: Sequence[Verdict]) -> list[Verdict]:
        """The verdicts for every other column of the subject, where the rule speaks of the subject's own cells."""
        if not any(isinstance(part, Atom) and _is_own(part, claim) for part in walk_rule(claim.rule)):
            return []
        headed = {(each.environment, each.label) for each in headlines if each.headline and each.era is era}
        others = [
            each
            for each in self._columns
            if self._is_in(each, era)
            and self._is_of(each, claim.subject)
            and (each.environment, each.label) not in headed
        ]
        verdicts = [(each, self._decide(_Sight(claim, era, each.device, each, ""), headline=False)) for each in others]
        # On another kind of device only weaker evidence says anything; where there is none, the row would say nothing.
        return [
            verdict for each, verdict in verdicts if _speaks_of(each, claim) or verdict.answer is not Answer.UNTESTED
        ]

    def _decide(self, sight: _Sight, *, headline: bool) -> Verdict:
        claim, era = sight.claim, sight.era
        records = self._registry.records_of(claim.id, era)
        evidence = Evidence(
            cell=lambda atom: self._evidence(atom, sight),
            records=[(record_id(claim.id, era, number), record) for number, record in enumerate(records, start=1)],
            missing=[each for each in self._missing if each.era is era and each.device == sight.device],
            unmeasured=lambda ratio: self._unmeasured(ratio, sight),
            ratios=[
                *(each for each in self._ratios if each.era is era and each.device == sight.device),
                *self._counted(sight),
            ],
        )
        own = any(
            (isinstance(part, Atom) and _is_own(part, claim))
            or (isinstance(part, (Lacks, More)) and part.subject == claim.subject)
            or (isinstance(part, Ratio) and part.of == claim.subject)
            for part in walk_rule(claim.rule)
        )
        column = sight.column if own else None
        return decide(
            claim,
            era,
            evidence,
            environment=column.environment if column else "",
            label=column.label if column else "",
            headline=headline,
            device=sight.device,
        )

    def _evidence(self, atom: Atom, sight: _Sight) -> CellEvidence:
        if atom.environment is not None:
            column, absent = self._named(atom.environment, sight)
        elif _is_own(atom, sight.claim):
            column, absent = sight.column, sight.absent
        else:
            label = sight.column.label if sight.column else ""
            column, absent = self._primary(atom.subject or "", sight.era, sight.device, label)
        if column is None:
            # A past era lacks the environment first of all; in the current one the missing test is what to do next.
            planned = sight.era is Era.CURRENT and not self._registry.capabilities[atom.capability].active
            return CellEvidence(environment="", status=Status.UNTESTED, reason="no test yet" if planned else absent)
        cell = self._cells[atom.capability, column.environment, column.label]
        if atom.environment is None and cell.level is Level.HARDWARE and not _speaks_of(column, sight.claim):
            reason = f"ran on {column.device}, not on {sight.claim.device}"
            return CellEvidence(environment=column.environment, status=Status.UNTESTED, reason=reason)
        return CellEvidence(
            environment=column.environment,
            status=cell.status,
            level=cell.level,
            reason=cell.reason,
            details={case.case: case.details for case in cell.cases if case.state is CaseState.PASSED},
        )

    def _counted(self, sight: _Sight) -> Iterator[MeasuredRatio]:
        """Every ratio of the claim's rule that follows from figures in cells, each once; none that was handed in."""
        given = {each.measure for each in self._ratios}
        found: dict[tuple[str, str, str, str, tuple[str, ...]], MeasuredRatio] = {}
        for part in walk_rule(sight.claim.rule):
            if not isinstance(part, Ratio) or part.measure in given:
                continue
            of = self._of_primary(part.measure, part.of, sight)
            for over in part.over:
                other = self._of_primary(part.measure, over, sight)
                if of is not None and other is not None:
                    ratio = counted_ratio(part, of, (over, other), sight.era, sight.device)
                    if ratio is not None:
                        found[part.measure, part.quantity, part.of, over, tuple(sorted(part.works))] = ratio
        return iter(found.values())

    def _of_primary(self, capability: str, subject: str, sight: _Sight) -> model.Cell | None:
        label = sight.column.label if sight.column else ""
        column, _ = self._primary(subject, sight.era, sight.device, label)
        return None if column is None else self._cells.get((capability, column.environment, column.label))

    def _unmeasured(self, ratio: Ratio, sight: _Sight) -> str:
        """Why nothing measured a ratio: a subject has no environment, no test does it yet, or no duels did."""
        if ratio.measure == PAIRED_TIME:
            # Duels measure environments themselves, reported or not.
            undeclared = (self._undeclared(subject, sight.era, sight.device) for subject in (ratio.of, *ratio.over))
            return next(filter(None, undeclared), no_duels(ratio.works))
        if sight.era is Era.CURRENT and not self._registry.capabilities[ratio.measure].active:
            return "no test yet"
        absent = (self._primary(subject, sight.era, sight.device, "")[1] for subject in (ratio.of, *ratio.over))
        return next(filter(None, absent), "")

    def _primary(self, subject: str, era: Era, device: str, label: str) -> tuple[model.Column | None, str]:
        """The column that speaks for a subject, on the machine `label` if it was run there; else why there is none."""
        environment = self._registry.primary(subject, era, device)
        if environment is None:
            return None, self._undeclared(subject, era, device)
        return self._at(environment.name, era, label)

    def _undeclared(self, subject: str, era: Era, device: str) -> str:
        """Why no environment speaks for a subject; "" where one is declared."""
        if self._registry.primary(subject, era, device) is not None:
            return ""
        found = self._registry.subjects.get(subject)
        has_era = found is not None and any(entry.era is era for entry in found.primary)
        return f"no {device} environment of that era yet" if has_era else "no environment of that era yet"

    def _named(self, environment: str, sight: _Sight) -> tuple[model.Column | None, str]:
        if not self._registry.speaks_in(environment, sight.era):
            return None, f"{environment} speaks for another era, and has no counterpart in this one yet"
        return self._at(environment, sight.era, sight.column.label if sight.column else "")

    def _at(self, environment: str, era: Era, label: str) -> tuple[model.Column | None, str]:
        columns = [column for column in self._columns if column.environment == environment]
        usable = [column for column in columns if self._is_in(column, era)]
        if usable:
            return min(usable, key=lambda column: (column.label != label, column.label)), ""
        if columns:
            return None, f"{environment} decides no claim: {columns[0].era_reason or 'its era is another'}"
        return None, f"no report from {environment}"

    def _is_in(self, column: model.Column, era: Era) -> bool:
        return column.era is not Era.PINNED and self._registry.speaks_in(column.environment, era)

    def _is_of(self, column: model.Column, subject: str) -> bool:
        found = self._registry.subjects.get(subject)
        named = {entry.environment for entry in found.primary} if found else set()
        declared = self._registry.environments.get(column.environment)
        own = declared.subject if declared and declared.subject else column.framework
        return own == subject or column.environment in named


def _speaks_of(column: model.Column, claim: Claim) -> bool:
    """Whether `column` ran on the kind of device that the claim is about. A claim about a CPU is about any."""
    return claim.device in ("cpu", column.device)


def _is_own(atom: Atom, claim: Claim) -> bool:
    return atom.environment is None and atom.subject in (None, claim.subject)
