"""Verdicts that records decide."""

from __future__ import annotations

import pytest

from fwconformance.evidence import Status
from fwconformance.verdicts import Answer, Basis, Indication


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
    def test_a_record_decides_and_is_shown_as_one(self, judge, record, stances, answer):
        """Its basis is the record, and it has no level."""
        verdict = judge({"record": True}, records=[record(stance) for stance in stances])
        assert (verdict.answer, verdict.basis, verdict.level) == (answer, Basis.RECORD, None)
        assert verdict.records == tuple(f"keras.thing/current/{n + 1}" for n in range(len(stances)))
        assert "2020-07-15" in verdict.reason

    def test_weak_records_only_indicate(self, judge, record):
        """A stronger one is what is missing."""
        verdict = judge({"record": True}, records=[record("supports", "weak")])
        assert (verdict.answer, verdict.indication, verdict.basis) == (
            Answer.INDICATED,
            Indication.RIGHT,
            Basis.RECORD,
        )
        assert verdict.missing == "a fair or strong record"

    def test_weak_records_that_disagree_decide_nothing(self, judge, record):
        """Weak evidence never makes partly."""
        records = [record("supports", "weak"), record("contradicts", "weak")]
        assert judge({"record": True}, records=records).answer is Answer.UNTESTED

    def test_without_a_record_the_claim_is_untested(self, judge):
        """None is invented."""
        verdict = judge({"record": True})
        assert (verdict.answer, verdict.reason) == (Answer.UNTESTED, "no record")

    def test_a_record_beside_a_measurement_is_not_passed_off_as_one(self, judge, record):
        """Where both are needed the basis is the record."""
        verdict = judge({"all": ["a.a", {"record": True}]}, {"a.a": Status.SUPPORTED}, records=[record("supports")])
        assert (verdict.answer, verdict.basis) == (Answer.CONFIRMED, Basis.RECORD)

    def test_where_a_measurement_is_enough_it_is_the_basis(self, judge, record):
        """Either would do, and the measurement is the better."""
        rule = {"any": [{"record": True}, "a.a"]}
        verdict = judge(rule, {"a.a": Status.SUPPORTED}, records=[record("supports")])
        assert (verdict.basis, verdict.records) == (Basis.MEASURED, ())

    def test_an_opinion_is_never_decided(self, judge):
        """It gives its reason."""
        verdict = judge({"opinion": "a preference"})
        assert (verdict.answer, verdict.reason) == (Answer.UNTESTED, "a preference")
