"""The value of a rule, given the cells, ratios and records that it rests on. Pure."""

from __future__ import annotations

import itertools
from typing import Callable, Iterable, Mapping, Sequence

import attrs

from fwconformance.evidence import Details, Figure, Level, Status, weakest
from fwconformance.registry import (
    All,
    Any_,
    AtLeast,
    Atom,
    Lacks,
    More,
    None_,
    Opinion,
    Ratio,
    Record,
    RecordRule,
    Rule,
)
from fwconformance.verdicts._ratios import MeasuredRatio, MissingWorks, answers, fold_ratio
from fwconformance.verdicts._records import fold_records
from fwconformance.verdicts._truth import Truth, all_of, at_least, more_than, none_of
from fwconformance.verdicts._verdict import Basis, Part

#: Kinds of details that a rule `lacks` reads.
HAS, LACKS = "right", "lacking"


@attrs.frozen(kw_only=True)
class CellEvidence:
    """The cell that an atom speaks of. `environment`: "" where none speaks for the subject, and `reason` says why.

    `details`: of its cases that passed.
    """

    environment: str
    status: Status
    level: Level | None = None
    reason: str = ""
    details: Mapping[str, Details] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Evidence:
    """All that a claim is judged by.

    Attributes:
        cell: gives the cell of an atom; an atom without subject and environment is of the claim's own subject.
        records: (id, record) of the claim's records in the era.
        ratios: what was measured in the era on the claim's device.
        missing: works that keep ratios from being measured.
        unmeasured: why a ratio was not measured, where something better than that can be said; else "".
    """

    cell: Callable[[Atom], CellEvidence]
    records: Sequence[tuple[str, Record]] = ()
    ratios: Sequence[MeasuredRatio] = ()
    missing: Sequence[MissingWorks] = ()
    unmeasured: Callable[[Ratio], str] = lambda _: ""


@attrs.frozen(kw_only=True)
class Leaf:
    """A part of the rule that has no parts, and how it speaks for the claim (so inverted below `none`).

    `absent`: it is false because it was shown to be unsupported. `weak`: there is evidence, too weak for the claim.
    `scope`: the environments that it speaks of.
    """

    part: Part
    truth: Truth
    absent: bool = False
    weak: bool = False
    basis: Basis = Basis.MEASURED
    scope: tuple[str, ...] = ()
    figures: Mapping[str, Figure] = attrs.field(factory=dict)
    records: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class Value:
    """The value of a rule: its truth, its leaves, and those that settle it (`support`; none where it is unknown)."""

    truth: Truth
    absent: bool = False
    leaves: tuple[Leaf, ...]
    support: tuple[Leaf, ...] = ()

    @property
    def level(self) -> Level | None:
        """The weakest evidence that it needs; None where it needs records alone."""
        return weakest([leaf.part.level for leaf in self.support if leaf.part.level])

    @property
    def basis(self) -> Basis | None:
        if not self.support:
            return None
        return Basis.RECORD if any(leaf.basis is Basis.RECORD for leaf in self.support) else Basis.MEASURED


def evaluate(rule: Rule, evidence: Evidence, floor: Level | None) -> Value:
    """The value of `rule`, evidence below `floor` and weak records taken as unknown; with None, all at face value."""
    if isinstance(rule, Atom):
        return _single(_atom(rule, evidence, floor))
    if isinstance(rule, More):
        return _single(_more(rule, evidence, floor))
    if isinstance(rule, Lacks):
        return _single(_lacks(rule, evidence, floor))
    if isinstance(rule, Ratio):
        return _single(_ratio(rule, evidence, floor))
    if isinstance(rule, RecordRule):
        return _single(_records(evidence, floor))
    if isinstance(rule, Opinion):
        return _single(Leaf(part=Part(name="an opinion", reason=rule.reason), truth=Truth.UNKNOWN))
    parts = [evaluate(part, evidence, floor) for part in rule.parts]
    if isinstance(rule, All):
        return _all(parts)
    if isinstance(rule, Any_):
        return _at_least(1, parts)
    if isinstance(rule, AtLeast):
        return _at_least(rule.n, parts)
    return _none(rule, parts)


_TRUTH = {
    Status.SUPPORTED: Truth.TRUE,
    Status.UNSUPPORTED: Truth.FALSE,
    Status.FAILING: Truth.FALSE,
    Status.PARTIAL: Truth.MIXED,
    Status.UNTESTED: Truth.UNKNOWN,
    Status.INAPPLICABLE: Truth.UNKNOWN,
}


def _too_weak(level: Level | None, floor: Level | None) -> bool:
    return floor is not None and (level is None or not level.at_least(floor))


def _atom(rule: Atom, evidence: Evidence, floor: Level | None) -> Leaf:
    cell = evidence.cell(rule)
    truth = _TRUTH[cell.status]
    part = Part(
        name=rule.capability, environment=cell.environment, status=cell.status, level=cell.level, reason=cell.reason
    )
    weak = truth.is_known and _too_weak(cell.level, floor)
    return Leaf(
        part=part,
        truth=Truth.UNKNOWN if weak else truth,
        absent=cell.status is Status.UNSUPPORTED and not weak,
        weak=weak,
        scope=(cell.environment,) if cell.environment else (),
    )


def _more(rule: More, evidence: Evidence, floor: Level | None) -> Leaf:
    rows: dict[str, list[Leaf]] = {}
    for subject in (rule.subject, *rule.than):
        rows[subject] = [_atom(Atom(capability=name, subject=subject), evidence, floor) for name in rule.of]
    truth = more_than(
        [leaf.truth for leaf in rows[rule.subject]],
        [[leaf.truth for leaf in rows[other]] for other in rule.than],
    )
    leaves = [leaf for row in rows.values() for leaf in row]
    known = [leaf for leaf in leaves if leaf.truth.is_known]
    part = Part(
        name=f"{rule.subject} supports more of {_of_what(rule)} than {', '.join(rule.than)}",
        level=weakest([leaf.part.level for leaf in known if leaf.part.level]) if truth.is_known else None,
        reason=_counts_in_words(rows) if known else "; ".join(sorted({leaf.part.reason for leaf in leaves})),
    )
    return Leaf(
        part=part,
        truth=truth,
        weak=not truth.is_known and any(leaf.weak for leaf in leaves),
        scope=tuple(sorted({name for leaf in leaves for name in leaf.scope})),
    )


def _of_what(rule: More) -> str:
    """The area that all its capabilities lie in ("binding.java"), or their number where there is none."""
    areas = [capability.split(".")[:-1] for capability in rule.of]
    shared = itertools.takewhile(lambda names: len(set(names)) == 1, zip(*areas))
    return ".".join(names[0] for names in shared) or f"{len(rule.of)} capabilities"


def _counts_in_words(rows: Mapping[str, Sequence[Leaf]]) -> str:
    return "; ".join(_count_in_words(subject, row) for subject, row in rows.items())


def _count_in_words(subject: str, row: Sequence[Leaf]) -> str:
    words = [f"{subject} supports {sum(leaf.truth is Truth.TRUE for leaf in row)} of {len(row)}"]
    mixed = sum(leaf.truth is Truth.MIXED for leaf in row)
    if mixed:
        words.append(f"{mixed} in part")
    unknown = [leaf for leaf in row if not leaf.truth.is_known]
    if unknown:
        reasons = sorted({leaf.part.reason or "weak evidence" for leaf in unknown})
        words.append(f"{len(unknown)} not known ({'; '.join(reasons)})")
    return ", ".join(words)


def _lacks(rule: Lacks, evidence: Evidence, floor: Level | None) -> Leaf:
    """Things of which nothing is known in one of both may be lacking or not."""
    theirs, mine = (evidence.cell(Atom(capability=rule.of, subject=each)) for each in (rule.than, rule.subject))
    seen = [cell.details.get(rule.case, {}) for cell in (theirs, mine)]
    level = weakest([cell.level for cell in (theirs, mine) if cell.level])
    name = f"{rule.subject} lacks {rule.n} or more of what {rule.than} has by {rule.of}"
    scope = tuple(sorted({cell.environment for cell in (theirs, mine) if cell.environment}))
    if not all(seen):
        blank = theirs if not seen[0] else mine
        reason = f"{rule.than if blank is theirs else rule.subject}: {blank.reason or f'{rule.case} told nothing'}"
        return Leaf(part=Part(name=name, reason=reason), truth=Truth.UNKNOWN, scope=scope)
    has, may_have = set(seen[0].get(HAS, ())), _unknown(seen[0])
    lacking, may_lack = set(seen[1].get(LACKS, ())), _unknown(seen[1])
    sure, possible = has & lacking, (has | may_have) & (lacking | may_lack)
    truth = Truth.UNKNOWN
    if len(sure) >= rule.n:
        truth = Truth.TRUE
    elif len(possible) < rule.n:
        truth = Truth.FALSE
    weak = truth.is_known and _too_weak(level, floor)
    listed = f": {', '.join(sorted(sure))}" if sure else ""
    open_ = f"; of {len(possible - sure)} more nothing is known" if possible - sure else ""
    reason = f"of {len(has)} that {rule.than} has {rule.subject} lacks {len(sure)}{listed}{open_}"
    return Leaf(
        part=Part(name=name, level=level, reason=reason), truth=Truth.UNKNOWN if weak else truth, weak=weak, scope=scope
    )


def _unknown(details: Details) -> set[str]:
    """The things that are neither there nor lacking."""
    return {name for kind, named in details.items() if kind not in (HAS, LACKS) for name in named}


def _ratio(rule: Ratio, evidence: Evidence, floor: Level | None) -> Leaf:
    usable = [measured for measured in evidence.ratios if not _too_weak(measured.level, floor)]
    fold = fold_ratio(rule, usable)
    margin = f"above {rule.above:g}" if rule.above is not None else f"at most {rule.at_most:g}"
    where = f" at {rule.works[0]}" if len(rule.works) == 1 else ""
    asked = f"{rule.quantity} of {rule.of} over {', '.join(rule.over)}{where}, {margin}"
    seen = [f"{each.of} over {each.over}{_mode(each.mode)} {_found(each)}" for each in fold.used]
    if fold.lacking:
        pairs = [_pair(rule, over, mode, evidence.missing) for over, mode in fold.lacking]
        begun = fold.used or any(works for _, works in pairs)
        better = "" if begun else evidence.unmeasured(rule)
        seen.append(better or f"{rule.measure} was not measured: {'; '.join(pair + works for pair, works in pairs)}")
    return Leaf(
        part=Part(name=asked, level=weakest([each.level for each in fold.used]), reason="; ".join(seen)),
        truth=fold.truth,
        weak=not fold.truth.is_known and len(usable) < len(evidence.ratios),
        scope=tuple(sorted({name for each in fold.used for name in each.environments})),
        figures={
            f"{rule.measure}: {each.of} over {each.over}{where}{_mode(each.mode)}": each.figure for each in fold.used
        },
    )


def _pair(rule: Ratio, over: str, mode: str, missing: Sequence[MissingWorks]) -> tuple[str, str]:
    """("keras over mxnet (best)", " on mlp-train, lstm-lm-train": the works that it lacks, "" where it lacks all)."""
    found = next((each.missing for each in missing if answers(each, rule, over, mode)), ())
    return f"{rule.of} over {over}{_mode(mode)}", f" on {', '.join(found)}" if found else ""


def _mode(mode: str) -> str:
    return "" if mode == "default" else f" ({mode})"


def _found(measured: MeasuredRatio) -> str:
    """The ratio with its interval or, where it is one of counts, with those of each work."""
    if not measured.counts:
        return _interval(measured.figure)
    works = "; ".join(f"{each.work} {each.of:.4g} against {each.over:.4g}" for each in measured.counts)
    if measured.figure.low is None:
        return f"{measured.figure.value:.3g} ({works})"
    return f"{_interval(measured.figure)} ({works}; the interval is for what was not tried)"


def _interval(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3g} (no interval)"
    return f"{figure.value:.3g} [{figure.low:.3g}, {figure.high:.3g}]"


def _records(evidence: Evidence, floor: Level | None) -> Leaf:
    fold = fold_records([record for _, record in evidence.records])
    if not fold.used:
        return Leaf(part=Part(name="records", reason="no record"), truth=Truth.UNKNOWN, basis=Basis.RECORD)
    used = [evidence.records[place] for place in fold.used]
    stances = sorted({record.stance for _, record in used})
    dates = sorted({record.date for _, record in used})
    weak = floor is not None and not fold.decides
    return Leaf(
        part=Part(name="records", reason=f"{' and '.join(stances)}, {fold.strength} ({', '.join(dates)})"),
        truth=Truth.UNKNOWN if weak else fold.truth,
        weak=weak,
        basis=Basis.RECORD,
        records=tuple(sorted(name for name, _ in used)),
    )


def _single(leaf: Leaf) -> Value:
    return Value(truth=leaf.truth, absent=leaf.absent, leaves=(leaf,), support=(leaf,) if leaf.truth.is_known else ())


def _all(parts: Sequence[Value]) -> Value:
    truth = all_of([part.truth for part in parts])
    return _value(truth, parts, [part for part in parts if part.truth.is_known])


def _at_least(n: int, parts: Sequence[Value]) -> Value:
    truth = at_least(n, [part.truth for part in parts])
    if truth is Truth.TRUE:
        return _value(truth, parts, _strongest(parts)[:n])
    if truth is Truth.FALSE:
        return _value(truth, parts, [part for part in parts if part.truth is Truth.FALSE])
    return _value(truth, parts, [part for part in parts if part.truth.is_known])


def _none(rule: None_, parts: Sequence[Value]) -> Value:
    truth = none_of([(part.truth, part.absent) for part in parts])
    known = [part for part in parts if part.truth.is_known]
    value = _value(truth, parts, _strongest(parts)[:1] if truth is Truth.FALSE else known)
    return attrs.evolve(
        value,
        absent=False,
        leaves=tuple(_inverted(leaf) for leaf in value.leaves),
        support=tuple(_inverted(leaf) for leaf in value.support),
    )


def _strongest(parts: Sequence[Value]) -> list[Value]:
    """The true ones, those that rest on measurements and on the best level first; ties in the order of the rule."""
    return sorted(
        (part for part in parts if part.truth is Truth.TRUE),
        key=lambda part: (part.basis is Basis.RECORD, part.level.rank if part.level else len(Level)),
    )


def _value(truth: Truth, parts: Sequence[Value], chosen: Iterable[Value]) -> Value:
    return Value(
        truth=truth,
        absent=truth is Truth.FALSE and all(part.absent for part in parts),
        leaves=tuple(leaf for part in parts for leaf in part.leaves),
        support=tuple(leaf for part in chosen for leaf in part.support) if truth.is_known else (),
    )


def _inverted(leaf: Leaf) -> Leaf:
    if leaf.truth is Truth.TRUE:
        return attrs.evolve(leaf, truth=Truth.FALSE, absent=False)
    if leaf.truth is Truth.FALSE:
        return attrs.evolve(leaf, truth=Truth.TRUE if leaf.absent else Truth.UNKNOWN, absent=False)
    return leaf
