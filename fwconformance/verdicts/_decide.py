"""From the value of a rule to the verdict: first by the evidence that may decide, then by all of it at face value."""

from __future__ import annotations

from typing import Callable, Sequence

from fwconformance.evidence import Era, Status
from fwconformance.registry import Claim
from fwconformance.verdicts._evaluate import Evidence, Leaf, Value, evaluate
from fwconformance.verdicts._truth import Truth
from fwconformance.verdicts._verdict import Answer, Basis, Indication, Part, Verdict

_DECIDED = {Truth.TRUE: Answer.CONFIRMED, Truth.FALSE: Answer.REFUTED, Truth.MIXED: Answer.PARTLY}
_POINTS = {Truth.TRUE: Indication.RIGHT, Truth.FALSE: Indication.WRONG}


def decide(
    claim: Claim,
    era: Era,
    evidence: Evidence,
    *,
    environment: str = "",
    label: str = "",
    headline: bool,
    device: str = "",
) -> Verdict:
    """Judge `claim` by `evidence`.

    Args:
        claim: its rule, its level and its kind of device are used.
        era: of which `evidence` speaks.
        evidence: the cells, records and ratios of that era, and nothing of another.
        environment: whose cells the claim's own atoms are; "" where none speaks for its subject.
        label: of the machine that they were seen on.
        headline: whether that is the primary environment.
        device: of that environment; default the claim's.
    """
    first = evaluate(claim.rule, evidence, claim.level)
    second = evaluate(claim.rule, evidence, None)
    indication = None
    missing = ""
    if first.truth.is_known:
        answer, value = _DECIDED[first.truth], first
        reason = _parts_in_words(first) if answer is Answer.PARTLY else _leaves_in_words(first.support)
    elif second.truth in _POINTS:
        answer, value = Answer.INDICATED, second
        indication = _POINTS[second.truth]
        reason = _leaves_in_words(second.support)
        missing = _missing(first, second, claim.level.value)
    elif second.truth is Truth.STRADDLES:
        answer, value = Answer.INCONCLUSIVE, second
        reason = _leaves_in_words([leaf for leaf in second.leaves if leaf.truth is Truth.STRADDLES])
    else:
        answer, value = Answer.UNTESTED, second
        if second.truth is Truth.MIXED:
            reason = f"weaker evidence points both ways and decides nothing: {_parts_in_words(second)}"
        else:
            reason = _unknown_in_words(second.leaves)
    answered = answer is not Answer.UNTESTED
    decided = value.truth.is_known and answered
    return Verdict(
        claim=claim.id,
        era=era,
        device=device or claim.device,
        environment=environment,
        label=label,
        headline=headline,
        answer=answer,
        indication=indication,
        basis=(value.basis or Basis.MEASURED) if answered else None,
        level=value.level if decided else None,
        reason=reason,
        missing=missing,
        parts_true=_parts(value, Truth.TRUE, Truth.MIXED),
        parts_false=_parts(value, Truth.FALSE, Truth.MIXED),
        parts_unknown=_parts(value, Truth.UNKNOWN, Truth.STRADDLES),
        scope=tuple(sorted({name for leaf in (value.support or value.leaves) for name in leaf.scope})),
        figures={name: figure for leaf in value.leaves for name, figure in leaf.figures.items()},
        records=tuple(sorted({name for leaf in value.support for name in leaf.records})) if decided else (),
    )


def _parts(value: Value, *truths: Truth) -> tuple[Part, ...]:
    found: list[Part] = []
    for leaf in value.leaves:
        if leaf.truth in truths and leaf.part not in found:
            found.append(leaf.part)
    return tuple(found)


def _naming(leaves: Sequence[Leaf]) -> Callable[[Part], str]:
    """How parts are named: with their environment where the parts of one list are of several."""
    several = len({leaf.part.environment for leaf in leaves if leaf.part.environment}) > 1
    return lambda part: f"{part.name} in {part.environment}" if several and part.environment else part.name


def _leaves_in_words(leaves: Sequence[Leaf]) -> str:
    """In words: "supported: rnn.gru; unsupported: export.onnx (it has none)"; figures and records in their own."""
    name = _naming(leaves)
    by_status: dict[Status, list[str]] = {}
    others: list[str] = []
    for leaf in leaves:
        part = leaf.part
        if part.status is None:
            words = f"{part.name}: {part.reason}"
            if words not in others:
                others.append(words)
            continue
        words = f"{name(part)} ({part.reason})" if part.reason else name(part)
        names = by_status.setdefault(part.status, [])
        if words not in names:
            names.append(words)
    return "; ".join([f"{status.value}: {', '.join(names)}" for status, names in by_status.items()] + others)


def _parts_in_words(value: Value) -> str:
    true = _leaves_in_words([leaf for leaf in value.leaves if leaf.truth is Truth.TRUE])
    false = _leaves_in_words([leaf for leaf in value.leaves if leaf.truth is Truth.FALSE])
    mixed = _leaves_in_words([leaf for leaf in value.leaves if leaf.truth is Truth.MIXED])
    # What keeps the claim from being confirmed comes first: pages cut the end.
    named = (("against it", false), ("both ways", mixed), ("for it", true))
    return "; ".join(f"{name}: {words}" for name, words in named if words)


def _unknown_in_words(leaves: Sequence[Leaf]) -> str:
    """Why nothing is known, parts of the same reason together; without their names where all say the same."""
    name = _naming(leaves)
    by_reason: dict[str, list[str]] = {}
    for leaf in leaves:
        if leaf.truth.is_known:
            continue
        names = by_reason.setdefault(_why_unknown(leaf), [])
        if name(leaf.part) not in names:
            names.append(name(leaf.part))
    if len(by_reason) == 1:
        return next(iter(by_reason))
    named = {reason: [each for each in names if each != "records"] for reason, names in by_reason.items()}
    return "; ".join(f"{reason} ({', '.join(names)})" if names else reason for reason, names in named.items())


def _why_unknown(leaf: Leaf) -> str:
    part = leaf.part
    if part.status is Status.INAPPLICABLE:
        return f"inapplicable: {part.reason}"
    if part.status is Status.FAILING:
        return f"it exists and fails, which is no absence: {part.reason}"
    return part.reason


def _missing(first: Value, second: Value, level: str) -> str:
    """What stands between the indication and an answer: the parts that only weak evidence speaks of."""
    weak = {(leaf.part.name, leaf.part.environment) for leaf in first.leaves if leaf.weak}
    words: list[str] = []
    for leaf in second.support:
        if (leaf.part.name, leaf.part.environment) not in weak:
            continue
        if leaf.basis is Basis.RECORD:
            text = "a fair or strong record"
        else:
            seen = leaf.part.level.value if leaf.part.level else "no stated level"
            text = f"{level} evidence for {leaf.part.name} (seen: {seen})"
        if text not in words:
            words.append(text)
    return "; ".join(words)
