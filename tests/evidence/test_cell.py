"""The fold of cases into a cell."""

from __future__ import annotations

import itertools
import random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.evidence import (
    CaseResult,
    CaseState,
    Key,
    Level,
    Observation,
    Outcome,
    Profile,
    ShownBy,
    Status,
    fold_case,
    fold_cell,
)

KEY = Key(environment="e", label="l", framework="f", backend="", device="cpu", capability="rnn.lstm", case="forward")
UNKNOWN = [state for state in CaseState if not state.is_known]


def observation(outcome, attempt=1, level=Level.HARDWARE, message="", **more):
    shown = outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.UNSUPPORTED)
    return Observation(
        key=KEY, attempt=attempt, outcome=outcome, level=level if shown else None, message=message, **more
    )


def fold(*observations, started=(), profile=Profile.SMOKE, profiles=(Profile.STANDARD,)):
    return fold_case(
        "forward",
        required=True,
        case_profile=profile,
        profiles=profiles,
        observations=observations,
        started=started,
    )


def result(case, state, required=True, level=Level.HARDWARE, reason=None):
    shown = state.is_known
    if reason is None:
        reason = "" if state is CaseState.PASSED else f"{state.value}!"
    return CaseResult(case=case, required=required, state=state, level=level if shown else None, reason=reason)


class TestFoldCase:
    """The attempts of one case."""

    @pytest.mark.parametrize("outcome", list(Outcome))
    def test_one_observation_gives_its_outcome(self, outcome):
        """A single observation is what the case says."""
        assert fold(observation(outcome)).state.value == outcome.value

    def test_a_case_that_passes_at_once_needs_no_reason(self):
        """Nothing is said of a case that passed."""
        assert fold(observation(Outcome.PASSED)).reason == ""

    @pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.PASSED])
    def test_every_other_outcome_has_a_reason(self, outcome):
        """Even without a message."""
        assert fold(observation(outcome)).reason

    def test_the_last_attempt_decides_and_the_earlier_is_said(self):
        """A crash in the run that does not come again alone is passed, and is told."""
        case = fold(observation(Outcome.CRASHED, message="SIGSEGV"), observation(Outcome.PASSED, attempt=2))
        assert case.state is CaseState.PASSED
        assert case.reason == "crashed (SIGSEGV) in the run, passed alone"
        assert len(case.attempts) == 2

    def test_a_crash_that_comes_again_is_a_crash(self):
        """Both are told."""
        case = fold(
            observation(Outcome.TIMEOUT, message="120 s"), observation(Outcome.CRASHED, attempt=2, message="SIGABRT")
        )
        assert case.state is CaseState.CRASHED
        assert case.reason == "timed out (120 s) in the run, alone: crashed (SIGABRT)"

    def test_a_crash_that_a_finding_explains_is_a_failure(self):
        """The fault is known to be the framework's; where it is not, nobody knows whose it is."""
        first = observation(Outcome.CRASHED, message="SIGSEGV")
        explained = attrs.evolve(observation(Outcome.CRASHED, attempt=2, message="SIGABRT"), finding="some-fault")
        case = fold(first, explained)
        assert case.state is CaseState.FAILED
        assert case.reason == "crashed (SIGSEGV) in the run, alone: crashed (SIGABRT)"
        assert fold_cell([case]).status is Status.FAILING

    def test_a_start_without_an_end_is_interrupted(self):
        """It is known that the case began, and nothing more."""
        case = fold(started=[1])
        assert case.state is CaseState.INTERRUPTED
        assert "interrupted" in case.reason

    def test_an_interrupted_repetition_leaves_the_first_attempt(self):
        """The crash stands, and the interruption is told."""
        case = fold(observation(Outcome.CRASHED, message="SIGSEGV"), started=[2])
        assert case.state is CaseState.CRASHED
        assert case.reason == "crashed (SIGSEGV), the repetition alone was interrupted"

    def test_nothing_reported_in_its_profile_is_missing(self):
        """A case of the profile that reported nothing is not passed over."""
        assert fold(profile=Profile.SMOKE, profiles=[Profile.SMOKE]).state is CaseState.MISSING

    def test_a_case_that_an_unfinished_run_never_reached_says_so(self):
        """Not that the run passed it over."""
        case = fold_case(
            "forward",
            required=True,
            case_profile=Profile.SMOKE,
            profiles=[Profile.SMOKE],
            observations=[],
            finished=False,
        )
        assert (case.state, case.reason) == (CaseState.MISSING, "missing: the run did not come to its end")

    def test_a_case_outside_the_profile_says_so(self):
        """With the profile's name, as the design words it."""
        case = fold(profile=Profile.FULL, profiles=[Profile.SMOKE])
        assert case.state is CaseState.NOT_IN_PROFILE
        assert case.reason == "not in profile smoke"

    def test_the_widest_of_several_profiles_counts(self):
        """Two merged runs together ran what either ran."""
        profiles = [Profile.FULL, Profile.SMOKE]
        assert fold(profile=Profile.FULL, profiles=profiles).state is CaseState.MISSING
        assert fold(profile=Profile.FULL, profiles=profiles[1:] * 2).reason == "not in profile smoke"

    def test_the_level_is_the_best_that_passed(self):
        """Not that of an attempt that did not pass."""
        case = fold(
            observation(Outcome.FAILED, level=Level.HARDWARE),
            observation(Outcome.PASSED, attempt=2, level=Level.SIMULATED),
        )
        assert case.level is Level.SIMULATED

    @pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNSUPPORTED])
    def test_the_level_of_a_failure_is_its_own(self, outcome):
        """What failed on the device failed on the device."""
        assert fold(observation(outcome, level=Level.SIMULATED)).level is Level.SIMULATED

    def test_only_the_first_line_of_a_message_is_a_reason(self):
        """The rest stays with the attempt."""
        case = fold(observation(Outcome.FAILED, message="outputs differ\nat [0, 1]"))
        assert case.reason == "failed: outputs differ"
        assert case.effective.message == "outputs differ\nat [0, 1]"

    def test_an_unavailable_thing_is_named_alone(self):
        """The cell reads `untested: hypothesis not installed`."""
        assert (
            fold(observation(Outcome.UNAVAILABLE, message="hypothesis not installed")).reason
            == "hypothesis not installed"
        )

    def test_what_no_run_was_asked_for_says_so(self):
        """It is no fault of a run that was limited to other capabilities."""
        found = fold_case("forward", required=True, case_profile=Profile.SMOKE, profiles=[], observations=[])
        assert found.state is CaseState.NOT_IN_PROFILE
        assert found.reason == "not asked for: what ran was limited to other capabilities"

    def test_two_observations_of_one_attempt_are_refused(self):
        """Merging settles that before."""
        with pytest.raises(ValueError, match="same attempt"):
            fold(observation(Outcome.PASSED), observation(Outcome.FAILED))

    def test_another_cases_observation_is_refused(self):
        """A mixed-up caller hears of it."""
        with pytest.raises(ValueError, match="other cases"):
            fold_case(
                "gradients",
                required=True,
                case_profile=Profile.SMOKE,
                profiles=[],
                observations=[observation(Outcome.PASSED)],
            )

    @given(
        st.permutations(
            [
                observation(Outcome.CRASHED, message="SIGSEGV"),
                observation(Outcome.TIMEOUT, attempt=2),
                observation(Outcome.PASSED, attempt=3),
            ]
        ),
        st.permutations([1, 2, 3, 4]),
    )
    def test_the_order_of_the_observations_does_not_matter(self, observations, started):
        """Any order gives the same result."""
        assert fold(*observations, started=started) == fold(
            *sorted(observations, key=lambda each: each.attempt), started=[1, 2, 3, 4]
        )


def expected(required, variants):
    """The design's table, written out on its own. Variants outside the profile never count."""
    variants = [state for state in variants if state is not CaseState.NOT_IN_PROFILE]
    if CaseState.FAILED in required:
        return Status.FAILING
    if all(state is CaseState.UNSUPPORTED for state in required + variants):
        return Status.UNSUPPORTED
    if any(state in UNKNOWN for state in required):
        return Status.UNTESTED
    if set(required) == {CaseState.PASSED, CaseState.UNSUPPORTED}:
        return Status.PARTIAL
    if set(required) == {CaseState.PASSED}:
        return Status.SUPPORTED if set(variants) <= {CaseState.PASSED, CaseState.UNAVAILABLE} else Status.PARTIAL
    if CaseState.PASSED in variants:
        return Status.PARTIAL
    return Status.UNTESTED if set(variants) & set(UNKNOWN) else Status.UNSUPPORTED


class TestFoldCell:
    """The cases of one capability."""

    @pytest.mark.parametrize("variants", [0, 1, 2])
    @pytest.mark.parametrize("required", [1, 2])
    def test_every_combination_of_states_folds_as_the_design_says(self, required, variants):
        """Exhaustive over all states of up to two required cases and two variants."""
        for states in itertools.product(CaseState, repeat=required + variants):
            results = [result(f"case-{place}", state, required=place < required) for place, state in enumerate(states)]
            cell = fold_cell(results)
            wanted = expected(list(states[:required]), list(states[required:]))
            assert cell.status is wanted, states
            assert bool(cell.reason) == (cell.status is not Status.SUPPORTED), states

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_any_case_is_enough_for_what_is_shown_by_any(self, count):
        """Exhaustive over all states of up to three cases: a failure still wins, and nothing else is new."""
        for states in itertools.product(CaseState, repeat=count):
            results = [result(f"case-{place}", state) for place, state in enumerate(states)]
            cell = fold_cell(results, ShownBy.ANY)
            if CaseState.PASSED in states and CaseState.FAILED not in states:
                assert (cell.status, cell.level, cell.reason) == (Status.SUPPORTED, Level.HARDWARE, ""), states
                others = [
                    f"case-{place}: {state.value}!" for place, state in enumerate(states) if state.value != "passed"
                ]
                assert list(cell.notes) == others, states
            else:
                assert cell == fold_cell(results), states

    def test_what_is_shown_by_any_has_the_best_level_that_passed(self):
        """One case is enough, so the strongest counts."""
        cases = [
            result("a", CaseState.PASSED, level=Level.DECLARED),
            result("b", CaseState.PASSED, level=Level.SIMULATED),
            result("c", CaseState.UNSUPPORTED),
        ]
        assert fold_cell(cases, ShownBy.ANY).level is Level.SIMULATED

    def test_the_level_is_the_lowest_over_the_required_cases(self):
        """Variants have no say."""
        cell = fold_cell(
            [
                result("a", CaseState.PASSED),
                result("b", CaseState.PASSED, level=Level.SIMULATED),
                result("c", CaseState.PASSED, required=False, level=Level.DECLARED),
            ]
        )
        assert cell.level is Level.SIMULATED

    def test_a_failing_cell_has_the_level_of_its_failure(self):
        """The strongest failure decides."""
        cell = fold_cell(
            [
                result("a", CaseState.FAILED, level=Level.SIMULATED),
                result("b", CaseState.FAILED),
                result("c", CaseState.PASSED, level=Level.COMPILED),
            ]
        )
        assert (cell.status, cell.level) == (Status.FAILING, Level.HARDWARE)

    def test_an_untested_cell_has_no_level(self):
        """Nothing was shown."""
        assert fold_cell([result("a", CaseState.PASSED), result("b", CaseState.BROKEN)]).level is None

    def test_a_passed_case_without_a_level_does_not_borrow_one(self):
        """An unknown level is not taken for the best."""
        cell = fold_cell([result("a", CaseState.PASSED, level=None), result("b", CaseState.PASSED)])
        assert (cell.status, cell.level) == (Status.SUPPORTED, None)

    def test_the_variant_that_did_not_pass_is_named(self):
        """`partial` says which part."""
        cell = fold_cell(
            [
                result("forward", CaseState.PASSED),
                result("reset-before", CaseState.UNSUPPORTED, required=False, reason="unsupported: no such argument"),
            ]
        )
        assert (cell.status, cell.reason) == (Status.PARTIAL, "reset-before: unsupported: no such argument")

    def test_a_variant_that_could_not_be_tried_is_noted(self):
        """Nothing is known of it, and unknown is not no; beside one that fell it is no reason either."""
        passed = result("forward", CaseState.PASSED)
        untried = result("fetched", CaseState.UNAVAILABLE, required=False, reason="no network")
        cell = fold_cell([passed, untried])
        assert (cell.status, cell.reason, cell.notes) == (Status.SUPPORTED, "", ("fetched: no network",))
        fallen = result("quantized", CaseState.FAILED, required=False, reason="failed: other values")
        cell = fold_cell([passed, untried, fallen])
        assert (cell.status, cell.reason, cell.notes) == (Status.PARTIAL, "quantized: failed: other values", ())

    def test_one_reason_for_all_required_cases_is_said_once(self):
        """The cell reads `untested: no CUDA device`."""
        cell = fold_cell(
            [result(name, CaseState.UNAVAILABLE, reason="no CUDA device") for name in ("forward", "gradients")]
        )
        assert (cell.status, cell.reason) == (Status.UNTESTED, "no CUDA device")

    def test_different_reasons_name_their_cases(self):
        """So that each can be looked up."""
        cell = fold_cell(
            [
                result("a", CaseState.UNAVAILABLE, reason="hypothesis not installed"),
                result("b", CaseState.CRASHED, reason="crashed (SIGSEGV)"),
                result("c", CaseState.PASSED),
            ]
        )
        assert cell.reason == "a: hypothesis not installed; b: crashed (SIGSEGV)"

    def test_what_happened_on_the_way_is_noted(self):
        """A supported cell keeps the crash that did not come again."""
        cell = fold_cell([result("a", CaseState.PASSED, reason="crashed (SIGSEGV) in the run, passed alone")])
        assert cell.status is Status.SUPPORTED
        assert cell.reason == ""
        assert cell.notes == ("a: crashed (SIGSEGV) in the run, passed alone",)

    def test_a_capability_without_a_required_case_is_refused(self):
        """It would be supported by nothing."""
        with pytest.raises(ValueError, match="required"):
            fold_cell([result("a", CaseState.PASSED, required=False)])

    @given(
        st.lists(st.tuples(st.sampled_from(CaseState), st.booleans(), st.sampled_from(Level)), min_size=1, max_size=6),
        st.randoms(use_true_random=False),
    )
    def test_the_order_of_the_cases_does_not_matter(self, drawn, generator: random.Random):
        """Any order gives the same cell, to the letter of its reason."""
        results = [
            result(f"case-{place}", state, required=required or place == 0, level=level)
            for place, (state, required, level) in enumerate(drawn)
        ]
        shuffled = list(results)
        generator.shuffle(shuffled)
        assert fold_cell(shuffled) == fold_cell(results)
