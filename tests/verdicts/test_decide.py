"""From the evidence to a verdict."""

from __future__ import annotations

import itertools

import pytest

from fwconformance.evidence import Era, Level, Status
from fwconformance.verdicts import Answer, Basis, CellEvidence, Evidence, Indication, decide


class TestOneCapability:
    """A rule that is one atom."""

    @pytest.mark.parametrize(
        ("status", "answer"),
        [
            (Status.SUPPORTED, Answer.CONFIRMED),
            (Status.UNSUPPORTED, Answer.REFUTED),
            (Status.FAILING, Answer.REFUTED),
            (Status.PARTIAL, Answer.PARTLY),
            (Status.UNTESTED, Answer.UNTESTED),
            (Status.INAPPLICABLE, Answer.UNTESTED),
        ],
    )
    def test_each_status_gives_its_answer(self, judge, status, answer):
        """With sufficient evidence."""
        verdict = judge("a.b", {"a.b": status})
        assert verdict.answer is answer
        assert verdict.basis is (None if answer is Answer.UNTESTED else Basis.MEASURED)
        assert verdict.level is (None if answer is Answer.UNTESTED else Level.HARDWARE)
        assert verdict.reason
        assert verdict.indication is None

    @pytest.mark.parametrize(
        ("status", "indication"),
        [
            (Status.SUPPORTED, Indication.RIGHT),
            (Status.UNSUPPORTED, Indication.WRONG),
            (Status.FAILING, Indication.WRONG),
        ],
    )
    @pytest.mark.parametrize("seen", [Level.SIMULATED, Level.COMPILED, Level.DECLARED])
    def test_evidence_below_the_claims_level_only_indicates(self, judge, status, indication, seen):
        """And what is missing is said."""
        verdict = judge("a.b", {"a.b": (status, seen)})
        assert (verdict.answer, verdict.indication) == (Answer.INDICATED, indication)
        assert verdict.level is seen
        assert verdict.missing == f"hardware evidence for a.b (seen: {seen.value})"

    def test_weak_evidence_never_makes_partly(self, judge):
        """A partial cell that was only simulated leaves the claim untested."""
        verdict = judge("a.b", {"a.b": (Status.PARTIAL, Level.SIMULATED)})
        assert verdict.answer is Answer.UNTESTED
        assert "weaker evidence" in verdict.reason

    @pytest.mark.parametrize(("wanted", "seen"), list(itertools.product(Level, repeat=2)))
    def test_a_claim_may_ask_for_less(self, judge, wanted, seen):
        """Every level that is claimed against every level that is seen."""
        verdict = judge("a.b", {"a.b": (Status.SUPPORTED, seen)}, level=wanted)
        assert verdict.answer is (Answer.CONFIRMED if seen.at_least(wanted) else Answer.INDICATED)

    def test_evidence_without_a_level_decides_nothing(self, judge):
        """It is taken for the weakest."""
        verdict = judge("a.b", {"a.b": (Status.SUPPORTED, None)}, level=Level.DECLARED)
        assert verdict.answer is Answer.INDICATED

    def test_an_untested_verdict_says_the_cells_reason(self, judge):
        """In the cell's own words."""
        assert judge("a.b", {"a.b": Status.UNTESTED}).reason == "it is untested"


ALL_THREE = {"all": ["a.a", "a.b", "a.c"]}


class TestParts:
    """Rules with several parts."""

    def test_partly_lists_both_sides(self, judge):
        """The true parts, the false ones and the unknown."""
        cells = {"a.a": Status.SUPPORTED, "a.b": Status.UNSUPPORTED, "a.c": Status.UNTESTED}
        verdict = judge(ALL_THREE, cells)
        assert verdict.answer is Answer.PARTLY
        assert [part.name for part in verdict.parts_true] == ["a.a"]
        assert [part.name for part in verdict.parts_false] == ["a.b"]
        assert [part.name for part in verdict.parts_unknown] == ["a.c"]
        assert "for it: supported: a.a" in verdict.reason
        assert "against it: unsupported: a.b" in verdict.reason

    def test_partly_says_what_is_against_the_claim_first(self, judge):
        """Pages cut the end, and what is for it may be long."""
        cells = {"a.a": Status.SUPPORTED, "a.b": Status.PARTIAL, "a.c": Status.UNSUPPORTED}
        words = [part.split(":")[0] for part in judge(ALL_THREE, cells).reason.split("; ")]
        assert words == ["against it", "both ways", "for it"]

    def test_a_mixed_part_stands_on_both_sides(self, judge):
        """What is partial speaks for and against."""
        cells = {"a.a": Status.SUPPORTED, "a.b": Status.PARTIAL, "a.c": Status.SUPPORTED}
        verdict = judge(ALL_THREE, cells)
        assert "a.b" in [part.name for part in verdict.parts_true]
        assert [part.name for part in verdict.parts_false] == ["a.b"]

    def test_an_unknown_part_never_counts_as_false(self, judge):
        """Two true parts and an unknown one leave the claim open."""
        cells = {"a.a": Status.SUPPORTED, "a.b": Status.SUPPORTED, "a.c": Status.UNTESTED}
        assert judge(ALL_THREE, cells).answer is Answer.UNTESTED

    def test_the_weak_part_is_what_is_missing(self, judge):
        """Not those that are strong enough."""
        cells = {
            "a.a": Status.SUPPORTED,
            "a.b": (Status.SUPPORTED, Level.COMPILED),
            "a.c": Status.SUPPORTED,
        }
        verdict = judge(ALL_THREE, cells)
        assert verdict.answer is Answer.INDICATED
        assert verdict.missing == "hardware evidence for a.b (seen: compiled)"
        assert verdict.level is Level.COMPILED

    def test_a_weak_part_that_does_not_matter_does_not_weaken(self, judge):
        """One strong true part is enough for `any`."""
        cells = {"a.a": (Status.SUPPORTED, Level.SIMULATED), "a.b": Status.SUPPORTED}
        verdict = judge({"any": ["a.a", "a.b"]}, cells)
        assert (verdict.answer, verdict.level) == (Answer.CONFIRMED, Level.HARDWARE)

    def test_at_least_rests_on_its_strongest_parts(self, judge):
        """The level is that of the parts that are needed."""
        cells = {
            "a.a": (Status.SUPPORTED, Level.COMPILED),
            "a.b": (Status.SUPPORTED, Level.SIMULATED),
            "a.c": Status.SUPPORTED,
        }
        rule = {"at_least": {"n": 2, "of": ["a.a", "a.b", "a.c"]}}
        assert judge(rule, cells, level=Level.DECLARED).level is Level.SIMULATED

    def test_one_reason_is_said_once(self, judge):
        """Where all parts are unknown for the same reason it stands alone."""
        cells = dict.fromkeys(["a.a", "a.b", "a.c"], Status.UNTESTED)
        assert judge(ALL_THREE, cells).reason == "it is untested"


def test_parts_in_several_environments_name_them(claim):
    """Else the same capability would stand there twice."""
    seen = {"pytorch": "torch-cpu", "keras": "keras-cpu"}
    evidence = Evidence(
        cell=lambda atom: CellEvidence(environment=seen[atom.subject], status=Status.SUPPORTED, level=Level.HARDWARE)
    )
    rule = {"all": [{"capability": "a.a", "subject": subject} for subject in seen]}
    verdict = decide(claim(rule), Era.CURRENT, evidence, headline=True)
    assert verdict.reason == "supported: a.a in torch-cpu, a.a in keras-cpu"


class TestNone:
    """Negative claims."""

    @pytest.mark.parametrize(
        ("statuses", "answer"),
        [
            ((Status.UNSUPPORTED, Status.UNSUPPORTED), Answer.CONFIRMED),
            ((Status.UNSUPPORTED, Status.SUPPORTED), Answer.REFUTED),
            ((Status.UNTESTED, Status.SUPPORTED), Answer.REFUTED),
            ((Status.UNSUPPORTED, Status.PARTIAL), Answer.PARTLY),
            ((Status.UNSUPPORTED, Status.FAILING), Answer.UNTESTED),
            ((Status.FAILING, Status.FAILING), Answer.UNTESTED),
            ((Status.UNSUPPORTED, Status.UNTESTED), Answer.UNTESTED),
            ((Status.PARTIAL, Status.UNTESTED), Answer.UNTESTED),
        ],
    )
    def test_only_what_is_unsupported_is_absent(self, judge, statuses, answer):
        """A thing that exists and fails is not absent."""
        cells = dict(zip(("a.a", "a.b"), statuses))
        assert judge({"none": ["a.a", "a.b"]}, cells).answer is answer

    def test_the_absent_part_speaks_for_the_claim(self, judge):
        """And a supported one against it."""
        cells = {"a.a": Status.UNSUPPORTED, "a.b": Status.SUPPORTED}
        verdict = judge({"none": ["a.a", "a.b"]}, cells)
        assert [part.name for part in verdict.parts_true] == ["a.a"]
        assert [part.name for part in verdict.parts_false] == ["a.b"]

    def test_a_failing_part_is_said_to_exist(self, judge):
        """So that nobody takes it for missing."""
        verdict = judge({"none": ["a.a"]}, {"a.a": Status.FAILING})
        assert "exists and fails" in verdict.reason

    def test_a_denied_denial_is_not_an_absence(self, judge):
        """That something is not absent does not show it to be unsupported."""
        assert judge({"none": [{"none": ["a.a"]}]}, {"a.a": Status.SUPPORTED}).answer is Answer.UNTESTED
