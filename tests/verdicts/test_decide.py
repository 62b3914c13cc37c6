"""From the evidence to a verdict."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.evidence import Era, Figure, Level, Status
from fwconformance.registry import Claim, Record, parse_rule
from fwconformance.verdicts import Answer, Basis, CellEvidence, Evidence, Indication, MeasuredRatio, Verdict, decide

SHOWN = (Status.SUPPORTED, Status.PARTIAL, Status.UNSUPPORTED, Status.FAILING)
NOT_SHOWN = (Status.UNTESTED, Status.INAPPLICABLE)


def claim(rule, level=Level.HARDWARE):
    return Claim(
        id="keras.thing",
        source="article-2020",
        subject="keras",
        section="features",
        paraphrase="Keras has the thing.",
        kind="capability",
        revision=1,
        level=level,
        device="cpu",
        rule=parse_rule(rule),
    )


def cell(status, level=Level.HARDWARE):
    return CellEvidence(
        environment="keras-cpu",
        status=status,
        level=level if status in SHOWN else None,
        reason="" if status is Status.SUPPORTED else f"it is {status.value}",
    )


def record(stance, strength="strong"):
    fields = {"claim": "keras.thing", "era": Era.CURRENT, "date": "2020-07-15", "read": "2026-11-22", "sources": ()}
    return Record(stance=stance, strength=strength, text="It says so.", **fields)


def judge(rule, cells=None, records=(), ratios=(), level=Level.HARDWARE):
    cells = cells or {}
    evidence = Evidence(
        cell=lambda atom: cells[atom.capability],
        records=[(f"keras.thing/current/{number}", each) for number, each in enumerate(records, start=1)],
        ratios=ratios,
    )
    return decide(claim(rule, level), Era.CURRENT, evidence, environment="keras-cpu", label="a box", headline=True)


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
    def test_each_status_gives_its_answer(self, status, answer):
        """With sufficient evidence."""
        verdict = judge("a.b", {"a.b": cell(status)})
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
    def test_evidence_below_the_claims_level_only_indicates(self, status, indication, seen):
        """And what is missing is said."""
        verdict = judge("a.b", {"a.b": cell(status, seen)})
        assert (verdict.answer, verdict.indication) == (Answer.INDICATED, indication)
        assert verdict.level is seen
        assert verdict.missing == f"hardware evidence for a.b (seen: {seen.value})"

    def test_weak_evidence_never_makes_partly(self):
        """A partial cell that was only simulated leaves the claim untested."""
        verdict = judge("a.b", {"a.b": cell(Status.PARTIAL, Level.SIMULATED)})
        assert verdict.answer is Answer.UNTESTED
        assert "weaker evidence" in verdict.reason

    @pytest.mark.parametrize(("wanted", "seen"), list(itertools.product(Level, repeat=2)))
    def test_a_claim_may_ask_for_less(self, wanted, seen):
        """Every level that is claimed against every level that is seen."""
        verdict = judge("a.b", {"a.b": cell(Status.SUPPORTED, seen)}, level=wanted)
        assert verdict.answer is (Answer.CONFIRMED if seen.at_least(wanted) else Answer.INDICATED)

    def test_evidence_without_a_level_decides_nothing(self):
        """It is taken for the weakest."""
        verdict = judge("a.b", {"a.b": cell(Status.SUPPORTED, None)}, level=Level.DECLARED)
        assert verdict.answer is Answer.INDICATED

    def test_an_untested_verdict_says_the_cells_reason(self):
        """In the cell's own words."""
        assert judge("a.b", {"a.b": cell(Status.UNTESTED)}).reason == "it is untested"


ALL_THREE = {"all": ["a.a", "a.b", "a.c"]}


class TestParts:
    """Rules with several parts."""

    def test_partly_lists_both_sides(self):
        """The true parts, the false ones and the unknown."""
        cells = {"a.a": cell(Status.SUPPORTED), "a.b": cell(Status.UNSUPPORTED), "a.c": cell(Status.UNTESTED)}
        verdict = judge(ALL_THREE, cells)
        assert verdict.answer is Answer.PARTLY
        assert [part.name for part in verdict.parts_true] == ["a.a"]
        assert [part.name for part in verdict.parts_false] == ["a.b"]
        assert [part.name for part in verdict.parts_unknown] == ["a.c"]
        assert "for it: supported: a.a" in verdict.reason
        assert "against it: unsupported: a.b" in verdict.reason

    def test_a_mixed_part_stands_on_both_sides(self):
        """What is partial speaks for and against."""
        cells = {"a.a": cell(Status.SUPPORTED), "a.b": cell(Status.PARTIAL), "a.c": cell(Status.SUPPORTED)}
        verdict = judge(ALL_THREE, cells)
        assert "a.b" in [part.name for part in verdict.parts_true]
        assert [part.name for part in verdict.parts_false] == ["a.b"]

    def test_an_unknown_part_never_counts_as_false(self):
        """Two true parts and an unknown one leave the claim open."""
        cells = {"a.a": cell(Status.SUPPORTED), "a.b": cell(Status.SUPPORTED), "a.c": cell(Status.UNTESTED)}
        assert judge(ALL_THREE, cells).answer is Answer.UNTESTED

    def test_the_weak_part_is_what_is_missing(self):
        """Not those that are strong enough."""
        cells = {
            "a.a": cell(Status.SUPPORTED),
            "a.b": cell(Status.SUPPORTED, Level.COMPILED),
            "a.c": cell(Status.SUPPORTED),
        }
        verdict = judge(ALL_THREE, cells)
        assert verdict.answer is Answer.INDICATED
        assert verdict.missing == "hardware evidence for a.b (seen: compiled)"
        assert verdict.level is Level.COMPILED

    def test_a_weak_part_that_does_not_matter_does_not_weaken(self):
        """One strong true part is enough for `any`."""
        cells = {"a.a": cell(Status.SUPPORTED, Level.SIMULATED), "a.b": cell(Status.SUPPORTED)}
        verdict = judge({"any": ["a.a", "a.b"]}, cells)
        assert (verdict.answer, verdict.level) == (Answer.CONFIRMED, Level.HARDWARE)

    def test_at_least_rests_on_its_strongest_parts(self):
        """The level is that of the parts that are needed."""
        cells = {
            "a.a": cell(Status.SUPPORTED, Level.COMPILED),
            "a.b": cell(Status.SUPPORTED, Level.SIMULATED),
            "a.c": cell(Status.SUPPORTED),
        }
        rule = {"at_least": {"n": 2, "of": ["a.a", "a.b", "a.c"]}}
        assert judge(rule, cells, level=Level.DECLARED).level is Level.SIMULATED

    def test_one_reason_is_said_once(self):
        """Where all parts are unknown for the same reason it stands alone."""
        cells = dict.fromkeys(["a.a", "a.b", "a.c"], cell(Status.UNTESTED))
        assert judge(ALL_THREE, cells).reason == "it is untested"


def test_parts_in_several_environments_name_them():
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
    def test_only_what_is_unsupported_is_absent(self, statuses, answer):
        """A thing that exists and fails is not absent."""
        cells = dict(zip(("a.a", "a.b"), map(cell, statuses)))
        assert judge({"none": ["a.a", "a.b"]}, cells).answer is answer

    def test_the_absent_part_speaks_for_the_claim(self):
        """And a supported one against it."""
        cells = {"a.a": cell(Status.UNSUPPORTED), "a.b": cell(Status.SUPPORTED)}
        verdict = judge({"none": ["a.a", "a.b"]}, cells)
        assert [part.name for part in verdict.parts_true] == ["a.a"]
        assert [part.name for part in verdict.parts_false] == ["a.b"]

    def test_a_failing_part_is_said_to_exist(self):
        """So that nobody takes it for missing."""
        verdict = judge({"none": ["a.a"]}, {"a.a": cell(Status.FAILING)})
        assert "exists and fails" in verdict.reason

    def test_a_denied_denial_is_not_an_absence(self):
        """That something is not absent does not show it to be unsupported."""
        assert judge({"none": [{"none": ["a.a"]}]}, {"a.a": cell(Status.SUPPORTED)}).answer is Answer.UNTESTED


class TestRecords:
    """Claims that records decide."""

    @pytest.mark.parametrize(
        ("stances", "answer"),
        [
            (["supports"], Answer.CONFIRMED),
            (["contradicts"], Answer.REFUTED),
            (["mixed"], Answer.PARTLY),
            (["supports", "contradicts"], Answer.PARTLY),
        ],
    )
    def test_a_record_decides_and_is_shown_as_one(self, stances, answer):
        """Its basis is the record, and it has no level."""
        verdict = judge({"record": True}, records=[record(stance) for stance in stances])
        assert (verdict.answer, verdict.basis, verdict.level) == (answer, Basis.RECORD, None)
        assert verdict.records == tuple(f"keras.thing/current/{n + 1}" for n in range(len(stances)))
        assert "2020-07-15" in verdict.reason

    def test_weak_records_only_indicate(self):
        """A stronger one is what is missing."""
        verdict = judge({"record": True}, records=[record("supports", "weak")])
        assert (verdict.answer, verdict.indication, verdict.basis) == (
            Answer.INDICATED,
            Indication.RIGHT,
            Basis.RECORD,
        )
        assert verdict.missing == "a fair or strong record"

    def test_weak_records_that_disagree_decide_nothing(self):
        """Weak evidence never makes partly."""
        records = [record("supports", "weak"), record("contradicts", "weak")]
        assert judge({"record": True}, records=records).answer is Answer.UNTESTED

    def test_without_a_record_the_claim_is_untested(self):
        """None is invented."""
        verdict = judge({"record": True})
        assert (verdict.answer, verdict.reason) == (Answer.UNTESTED, "no record")

    def test_a_record_beside_a_measurement_is_not_passed_off_as_one(self):
        """Where both are needed the basis is the record."""
        verdict = judge(
            {"all": ["a.a", {"record": True}]}, {"a.a": cell(Status.SUPPORTED)}, records=[record("supports")]
        )
        assert (verdict.answer, verdict.basis) == (Answer.CONFIRMED, Basis.RECORD)

    def test_where_a_measurement_is_enough_it_is_the_basis(self):
        """Either would do, and the measurement is the better."""
        rule = {"any": [{"record": True}, "a.a"]}
        verdict = judge(rule, {"a.a": cell(Status.SUPPORTED)}, records=[record("supports")])
        assert (verdict.basis, verdict.records) == (Basis.MEASURED, ())

    def test_an_opinion_is_never_decided(self):
        """It gives its reason."""
        verdict = judge({"opinion": "a preference"})
        assert (verdict.answer, verdict.reason) == (Answer.UNTESTED, "a preference")


SLOWER = {
    "ratio": {
        "measure": "performance.time",
        "of": "keras",
        "over": ["pytorch"],
        "works": ["mlp"],
        "quantity": "time",
        "above": 1.05,
    }
}


class TestRatios:
    """Claims that a measured ratio decides."""

    @staticmethod
    def measured(low, high, level=Level.HARDWARE):
        return MeasuredRatio(
            measure="performance.time",
            quantity="time",
            of="keras",
            over="pytorch",
            mode="default",
            works=("mlp",),
            era=Era.CURRENT,
            device="cpu",
            figure=Figure(value=(low + high) / 2, unit="1", low=low, high=high),
            level=level,
            environments=("keras-cpu", "torch-cpu"),
        )

    def test_a_straddling_interval_is_inconclusive(self):
        """It was measured, and it does not decide."""
        verdict = judge(SLOWER, ratios=[self.measured(1.0, 1.1)])
        assert (verdict.answer, verdict.basis) == (Answer.INCONCLUSIVE, Basis.MEASURED)
        assert "[1, 1.1]" in verdict.reason
        assert verdict.figures["performance.time: keras over pytorch"].high == 1.1

    def test_straddling_beside_another_unknown_is_untested(self):
        """Then not only the interval is in the way."""
        rule = {"all": [SLOWER, "a.a"]}
        verdict = judge(rule, {"a.a": cell(Status.UNTESTED)}, ratios=[self.measured(1.0, 1.1)])
        assert verdict.answer is Answer.UNTESTED

    def test_an_interval_beyond_the_margin_confirms(self):
        """And speaks of both environments."""
        verdict = judge(SLOWER, ratios=[self.measured(1.1, 1.2)])
        assert (verdict.answer, verdict.scope) == (Answer.CONFIRMED, ("keras-cpu", "torch-cpu"))

    def test_a_simulated_ratio_only_indicates(self):
        """As any weaker evidence."""
        verdict = judge(SLOWER, ratios=[self.measured(1.1, 1.2, Level.SIMULATED)])
        assert (verdict.answer, verdict.indication) == (Answer.INDICATED, Indication.RIGHT)

    def test_what_was_not_measured_is_named(self):
        """With the measure's name."""
        assert judge(SLOWER).reason == "performance.time was not measured: keras over pytorch"


SUPPORTS_MORE = {"more": {"of": ["a.a", "a.b"], "subject": "keras", "than": ["mxnet"]}}


class TestMore:
    """Comparisons of what two subjects support."""

    @staticmethod
    def judge(keras, mxnet):
        cells = {"keras": dict(zip(("a.a", "a.b"), keras)), "mxnet": dict(zip(("a.a", "a.b"), mxnet))}
        evidence = Evidence(cell=lambda atom: cell(cells[atom.subject][atom.capability]))
        return decide(claim(SUPPORTS_MORE), Era.CURRENT, evidence, headline=True)

    def test_it_counts_what_each_supports(self):
        """And says the counts."""
        verdict = self.judge([Status.SUPPORTED, Status.SUPPORTED], [Status.SUPPORTED, Status.UNSUPPORTED])
        assert verdict.answer is Answer.CONFIRMED
        assert "keras supports 2 of 2; mxnet supports 1 of 2" in verdict.reason

    def test_what_is_unknown_is_not_counted_as_lacking(self):
        """MXNet might support it."""
        verdict = self.judge([Status.SUPPORTED, Status.SUPPORTED], [Status.SUPPORTED, Status.UNTESTED])
        assert verdict.answer is Answer.UNTESTED
        assert "1 not known (it is untested)" in verdict.reason


def _parts(inner):
    return st.lists(inner, min_size=1, max_size=3, unique_by=str)


LEAVES = st.sampled_from(["a.a", "a.b", "a.c", "a.d"])
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda form, parts: {form: parts}, st.sampled_from(["all", "any", "none"]), _parts(inner)),
        _parts(inner).flatmap(
            lambda parts: st.builds(lambda n: {"at_least": {"n": n, "of": parts}}, st.integers(1, len(parts)))
        ),
    ),
    max_leaves=6,
)
CELLS = st.fixed_dictionaries(
    {name: st.builds(cell, st.sampled_from(Status), st.sampled_from(Level)) for name in ("a.a", "a.b", "a.c", "a.d")}
)


@given(RULES, CELLS, st.sampled_from(Level))
def test_a_verdict_reads_back_as_it_was(rule, cells, level):
    """JSON out and in gives the same verdict."""
    verdict = judge(rule, cells, level=level)
    assert Verdict.from_json(verdict.claim, verdict.to_json()) == verdict
    assert verdict.reason
    assert bool(verdict.missing) == (verdict.answer is Answer.INDICATED)


@given(RULES, CELLS, st.sampled_from(["a.a", "a.b", "a.c", "a.d"]), st.sampled_from(SHOWN))
def test_learning_more_never_overturns_a_decided_claim(rule, cells, name, status):
    """What was confirmed or refuted with a part unknown stays so when the part becomes known."""
    before = judge(rule, {**cells, name: cell(Status.UNTESTED)})
    after = judge(rule, {**cells, name: cell(status)})
    if before.answer in (Answer.CONFIRMED, Answer.REFUTED, Answer.PARTLY):
        assert after.answer is before.answer


@given(RULES, CELLS)
def test_weak_evidence_alone_never_decides(rule, cells):
    """Nothing below the level confirms, refutes or makes partly."""
    weak = {
        name: CellEvidence(
            environment=each.environment,
            status=each.status,
            level=Level.SIMULATED if each.level else None,
            reason=each.reason,
        )
        for name, each in cells.items()
    }
    assert judge(rule, weak).answer in (Answer.INDICATED, Answer.UNTESTED)


@given(st.permutations(["a.a", "a.b", "a.c", "a.d"]), st.sampled_from(["all", "any", "none"]), CELLS)
def test_the_order_of_the_parts_does_not_matter(order, form, cells):
    """To the answer, its basis, its level and its scope."""
    one, other = judge({form: sorted(order)}, cells), judge({form: order}, cells)
    for name in ("answer", "indication", "basis", "level", "scope"):
        assert getattr(one, name) == getattr(other, name)
    assert set(one.parts_true) == set(other.parts_true)
