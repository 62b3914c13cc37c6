"""The fold of the cases of one capability in one environment into a cell.

Pure, and independent of the order of its input. Two steps: `fold_case` turns the attempts of one case into one result,
`fold_cell` turns the results of all cases into a status. First match wins:

1. a required case failed, or crashed by a known fault of the framework (a finding): `failing`;
2. every case is unsupported: `unsupported`;
3. a required case is unavailable, broken, timed out, crashed, interrupted, missing or not in the profile: `untested`;
4. required cases passed and unsupported mixed: `partial`;
5. all required cases passed but a variant that was tried did not: `partial`, naming it;
6. else `supported`.

Three corners that these rules leave open are decided so that nothing is claimed which was not seen. A *variant* outside
the profile was never asked for and does not count. One that could not be tried here, for want of a network say, makes
no cell partial, since nothing is known of it: where that is all, it is noted. Where every required
case is unsupported, a variant that passed makes the cell `partial`, one whose result is not known makes it `untested`,
and one that fails leaves it `unsupported`.

A capability that is `ShownBy.ANY` says that something is there somewhere: 3 and 4 come after the first required case
that passed, which makes the cell `supported`; what the others say are its notes.
"""

from __future__ import annotations

import enum
from typing import Iterable, Optional, Sequence, Tuple

import attrs

from fwconformance.evidence._observation import Figure, Observation
from fwconformance.evidence._vocabulary import Level, Outcome, Profile, ShownBy, Status, best, weakest


class CaseState(str, enum.Enum):
    """What is known of one case: an outcome, or why there is none."""

    PASSED = "passed"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    UNAVAILABLE = "unavailable"
    BROKEN = "broken"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    INTERRUPTED = "interrupted"  # it started and never ended
    MISSING = "missing"  # its profile was run, and nothing was reported
    NOT_IN_PROFILE = "not-in-profile"

    @property
    def is_known(self) -> bool:
        """Whether the framework's behaviour was seen: what remains is unknown, which never counts as false."""
        return self in (CaseState.PASSED, CaseState.FAILED, CaseState.UNSUPPORTED)


_VERBS = {
    CaseState.PASSED: "passed",
    CaseState.FAILED: "failed",
    CaseState.UNSUPPORTED: "unsupported",
    CaseState.UNAVAILABLE: "unavailable",
    CaseState.BROKEN: "broken",
    CaseState.TIMEOUT: "timed out",
    CaseState.CRASHED: "crashed",
}


@attrs.frozen(kw_only=True)
class CaseResult:
    """One case, after its attempts were folded.

    Attributes:
        case: its id.
        required: False for a variant.
        state: the last attempt's outcome, or why there is none.
        level: of the best attempt that passed; where it failed or is unsupported, of that attempt; else None.
        reason: in words; empty for a case that passed at once.
        attempts: every observation of it, by attempt.
    """

    case: str
    required: bool
    state: CaseState
    level: Level | None = None
    reason: str = ""
    attempts: tuple[Observation, ...] = ()

    @property
    def effective(self) -> Observation | None:
        """The observation that `state` is taken from."""
        return self.attempts[-1] if self.attempts else None

    @property
    def figures(self) -> dict[str, Figure]:
        return dict(self.effective.figures) if self.effective else {}

    @property
    def finding(self) -> str | None:
        return self.effective.finding if self.effective else None


@attrs.frozen(kw_only=True)
class CellFold:
    """What a cell says.

    Attributes:
        status: see `Status`.
        level: the lowest over the required cases; for a failing cell, of the failure; None where nothing was shown.
        reason: in words, for every status but `supported`.
        notes: what happened on the way and does not change the status (a crash in the run, passed alone).
    """

    status: Status
    level: Level | None = None
    reason: str = ""
    notes: tuple[str, ...] = ()


def fold_case(
    case: str,
    *,
    required: bool,
    case_profile: Profile,
    profiles: Iterable[Profile],
    observations: Iterable[Observation],
    started: Iterable[int] = (),
    finished: bool = True,
) -> CaseResult:
    """Fold the attempts of one case.

    Args:
        case: its id. Observations of other cases are a ValueError, as are two of one attempt.
        required: False for a variant.
        case_profile: the smallest profile that holds it.
        profiles: of the runs that were to run it; several where several were merged, none where each was limited to
            others.
        observations: its observations, in any order.
        started: the attempts that were started, in any order.
        finished: whether the runs came to their end; where one did not, a case without a word from it may be missing.
    """
    attempts = tuple(sorted(observations, key=lambda observation: observation.attempt))
    numbers = [observation.attempt for observation in attempts]
    if any(observation.key.case != case for observation in attempts):
        raise ValueError(f"observations of other cases were given for the case {case!r}")
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"two observations of the same attempt of the case {case!r}")
    unfinished = sorted(set(started) - set(numbers))
    if not attempts:
        state, reason = _absent(case_profile, list(profiles), started=bool(unfinished), finished=finished)
        return CaseResult(case=case, required=required, state=state, reason=reason)
    last = attempts[-1]
    state = CaseState(last.outcome.value)
    if state is CaseState.CRASHED and last.finding:
        state = CaseState.FAILED  # a finding shows that the fault is the framework's
    return CaseResult(
        case=case,
        required=required,
        state=state,
        level=_level(state, attempts),
        reason=_attempts_in_words(attempts, unfinished),
        attempts=attempts,
    )


def fold_cell(results: Iterable[CaseResult], shown_by: ShownBy = ShownBy.ALL) -> CellFold:
    """Fold all cases of one active capability in one environment. Raises ValueError if none of them is required.

    `shown_by`: whether all required cases have to pass, or any of them is enough.
    """
    cases = sorted(results, key=lambda result: result.case)
    required = [result for result in cases if result.required]
    if not required:
        raise ValueError("a capability without a required case decides nothing: make one of its cases required")
    variants = [result for result in cases if not result.required and result.state is not CaseState.NOT_IN_PROFILE]
    if shown_by is ShownBy.ANY and not _in_state(required, CaseState.FAILED):
        shown = _in_state(required, CaseState.PASSED)
        if shown:
            level = best([result.level for result in shown if result.level])
            notes = tuple(f"{each.case}: {each.reason}" for each in required if each.reason)
            return CellFold(status=Status.SUPPORTED, level=level, notes=notes)
    status, before, why, level = _decide(required, variants)
    noted = _in_state(cases, CaseState.PASSED)
    if status is Status.SUPPORTED:
        noted += _in_state(variants, CaseState.UNAVAILABLE)
    notes = tuple(f"{each.case}: {each.reason}" for each in noted if each.reason)
    return CellFold(status=status, level=level, reason=before + _reasons(why, required), notes=notes)


# status, words that stand before the reasons, whose reasons, level
_Decision = Tuple[Status, str, Sequence[CaseResult], Optional[Level]]


def _decide(required: Sequence[CaseResult], variants: Sequence[CaseResult]) -> _Decision:
    failed = _in_state(required, CaseState.FAILED)
    if failed:
        return Status.FAILING, "", failed, best([result.level for result in failed if result.level])
    unknown = [result for result in required if not result.state.is_known]
    if unknown:
        return Status.UNTESTED, "", unknown, None
    levels = [result.level for result in required if result.level]
    lowest = weakest(levels) if len(levels) == len(required) else None
    passed = _in_state(required, CaseState.PASSED)
    unsupported = _in_state(required, CaseState.UNSUPPORTED)
    if not passed:
        return _decide_by_variants(unsupported, variants, lowest)
    if unsupported:
        return Status.PARTIAL, f"{_names(passed)} passed; ", unsupported, lowest
    fallen = [result for result in variants if result.state not in (CaseState.PASSED, CaseState.UNAVAILABLE)]
    if fallen:
        return Status.PARTIAL, "", fallen, lowest
    return Status.SUPPORTED, "", (), lowest


def _decide_by_variants(
    unsupported: Sequence[CaseResult], variants: Sequence[CaseResult], lowest: Level | None
) -> _Decision:
    """Every required case is unsupported: what the variants make of it."""
    passed = _in_state(variants, CaseState.PASSED)
    if passed:
        return Status.PARTIAL, f"only {_names(passed)} passed; ", unsupported, lowest
    unknown = [result for result in variants if not result.state.is_known]
    if unknown:
        return Status.UNTESTED, "required cases are unsupported, but not known of a variant: ", unknown, None
    return Status.UNSUPPORTED, "", unsupported, lowest


def _absent(
    case_profile: Profile, profiles: Sequence[Profile], *, started: bool, finished: bool
) -> tuple[CaseState, str]:
    if started:
        return CaseState.INTERRUPTED, "interrupted: it started and never ended"
    if not profiles:
        return CaseState.NOT_IN_PROFILE, "not asked for: what ran was limited to other capabilities"
    if not any(profile.holds(case_profile) for profile in profiles):
        widest = max(profiles, key=list(Profile).index)
        return CaseState.NOT_IN_PROFILE, f"not in profile {widest.value}"
    why = "the run reported nothing for it" if finished else "the run did not come to its end"
    return CaseState.MISSING, f"missing: {why}"


def _level(state: CaseState, attempts: Sequence[Observation]) -> Level | None:
    if state is CaseState.PASSED:
        return best([each.level for each in attempts if each.outcome is Outcome.PASSED and each.level])
    if state in (CaseState.FAILED, CaseState.UNSUPPORTED):
        return attempts[-1].level
    return None


def outcome_in_words(observation: Observation) -> str:
    """In words: "crashed (SIGSEGV)", "timed out (120 s)", "failed: outputs differ", "hypothesis not installed"."""
    state = CaseState(observation.outcome.value)
    message = observation.message.strip().split("\n", 1)[0].strip()
    verb = _VERBS[state]
    if not message or state is CaseState.PASSED:
        return verb
    if state is CaseState.UNAVAILABLE or message.startswith(verb):
        return message
    if state in (CaseState.CRASHED, CaseState.TIMEOUT):
        return f"{verb} ({message})"
    return f"{verb}: {message}"


def _attempts_in_words(attempts: Sequence[Observation], unfinished: Sequence[int]) -> str:
    *earlier, last = attempts
    words = [f"{outcome_in_words(observation)} in the run" for observation in earlier]
    if earlier:
        words.append("passed alone" if last.outcome is Outcome.PASSED else f"alone: {outcome_in_words(last)}")
    elif last.outcome is not Outcome.PASSED:
        words.append(outcome_in_words(last))
    if any(attempt > last.attempt for attempt in unfinished):
        words.append("the repetition alone was interrupted")
    return ", ".join(words)


def _in_state(results: Sequence[CaseResult], state: CaseState) -> list[CaseResult]:
    return [result for result in results if result.state is state]


def _names(results: Sequence[CaseResult]) -> str:
    return ", ".join(result.case for result in results)


def _reasons(why: Sequence[CaseResult], required: Sequence[CaseResult]) -> str:
    """The reasons, cases with the same one named together; without names where all required cases say the same."""
    if not why:
        return ""
    by_reason: dict[str, list[CaseResult]] = {}
    for result in why:
        by_reason.setdefault(result.reason, []).append(result)
    if len(by_reason) == 1 and {result.case for result in why} == {result.case for result in required}:
        return why[0].reason
    return "; ".join(f"{_names(group)}: {reason}" for reason, group in by_reason.items())
