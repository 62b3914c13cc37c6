"""Verdicts on comparisons: measured ratios, and what two subjects support."""

from __future__ import annotations

import attrs
import pytest

from fwconformance.evidence import Era, Figure, Level, Status
from fwconformance.verdicts import Answer, Basis, Evidence, Indication, MeasuredRatio, MissingWorks, decide

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

    def test_a_straddling_interval_is_inconclusive(self, judge):
        """It was measured, and it does not decide."""
        verdict = judge(SLOWER, ratios=[self.measured(1.0, 1.1)])
        assert (verdict.answer, verdict.basis) == (Answer.INCONCLUSIVE, Basis.MEASURED)
        assert "[1, 1.1]" in verdict.reason
        assert verdict.figures["performance.time: keras over pytorch at mlp"].high == 1.1

    def test_a_ratio_of_one_work_says_which(self, judge):
        """A rule may ask for several, each of another work."""
        (part,) = judge(SLOWER, ratios=[self.measured(1.2, 1.3)]).parts_true
        assert part.name == "time of keras over pytorch at mlp, above 1.05"

    def test_straddling_beside_another_unknown_is_untested(self, judge):
        """Then not only the interval is in the way."""
        rule = {"all": [SLOWER, "a.a"]}
        verdict = judge(rule, {"a.a": Status.UNTESTED}, ratios=[self.measured(1.0, 1.1)])
        assert verdict.answer is Answer.UNTESTED

    def test_an_interval_beyond_the_margin_confirms(self, judge):
        """And speaks of both environments."""
        verdict = judge(SLOWER, ratios=[self.measured(1.1, 1.2)])
        assert (verdict.answer, verdict.scope) == (Answer.CONFIRMED, ("keras-cpu", "torch-cpu"))

    def test_a_simulated_ratio_only_indicates(self, judge):
        """As any weaker evidence."""
        verdict = judge(SLOWER, ratios=[self.measured(1.1, 1.2, Level.SIMULATED)])
        assert (verdict.answer, verdict.indication) == (Answer.INDICATED, Indication.RIGHT)

    def test_what_was_not_measured_is_named(self, judge):
        """With the measure's name."""
        assert judge(SLOWER).reason == "performance.time was not measured: keras over pytorch"

    def test_works_that_are_missing_are_named(self, judge):
        """Where others were measured; with pairs of which nothing was."""
        of = {"measure": "performance.time", "quantity": "time", "of": "keras", "over": "pytorch", "mode": "default"}
        lstm = MissingWorks(works=("mlp", "lstm"), era=Era.CURRENT, device="cpu", missing=("lstm",), **of)
        both = {"ratio": {**SLOWER["ratio"], "works": ["mlp", "lstm"], "over": ["pytorch", "mxnet"]}}
        assert judge(both, missing=[lstm]).reason == (
            "performance.time was not measured: keras over pytorch on lstm; keras over mxnet"
        )


SUPPORTS_MORE = {"more": {"of": ["a.a", "a.b"], "subject": "keras", "than": ["mxnet"]}}


class TestMore:
    """Comparisons of what two subjects support."""

    @pytest.fixture
    def compared(self, claim, cell):
        """The verdict, by what Keras and MXNet have of both."""

        def verdict(keras, mxnet):
            cells = {"keras": dict(zip(("a.a", "a.b"), keras)), "mxnet": dict(zip(("a.a", "a.b"), mxnet))}
            evidence = Evidence(cell=lambda atom: cell(cells[atom.subject][atom.capability]))
            return decide(claim(SUPPORTS_MORE), Era.CURRENT, evidence, headline=True)

        return verdict

    def test_it_counts_what_each_supports(self, compared):
        """And says the counts."""
        verdict = compared([Status.SUPPORTED, Status.SUPPORTED], [Status.SUPPORTED, Status.UNSUPPORTED])
        assert verdict.answer is Answer.CONFIRMED
        assert "keras supports 2 of 2; mxnet supports 1 of 2" in verdict.reason

    def test_it_names_the_area_so_that_two_can_be_told_apart(self, claim, cell):
        """As far as the names agree; capabilities of several areas are counted."""
        sets = [["binding.cpp.save", "binding.cpp.load"], ["binding.java.save"], ["train.sgd", "layers.dense"]]
        rule = {"all": [{"more": {"of": of, "subject": "keras", "than": ["mxnet"]}} for of in sets]}
        evidence = Evidence(cell=lambda atom: cell(Status.SUPPORTED if atom.subject == "keras" else Status.UNSUPPORTED))
        assert [part.name for part in decide(claim(rule), Era.CURRENT, evidence, headline=True).parts_true] == [
            "keras supports more of binding.cpp than mxnet",
            "keras supports more of binding.java than mxnet",
            "keras supports more of 2 capabilities than mxnet",
        ]

    def test_what_is_unknown_is_not_counted_as_lacking(self, compared):
        """MXNet might support it."""
        verdict = compared([Status.SUPPORTED, Status.SUPPORTED], [Status.SUPPORTED, Status.UNTESTED])
        assert verdict.answer is Answer.UNTESTED
        assert "1 not known (it is untested)" in verdict.reason


LACKS = {"lacks": {"of": "a.a", "case": "each", "subject": "mxnet", "than": "keras", "n": 2}}


class TestLacks:
    """What one has and another lacks, by name."""

    @pytest.fixture
    def compared(self, claim, cell):
        """The verdict, by what Keras and MXNet have, lack, and were not asked about."""

        def verdict(keras, mxnet, status=Status.SUPPORTED, level=Level.HARDWARE):
            found = {
                subject: {
                    kind: dict.fromkeys(names, "as seen")
                    for kind, names in zip(("right", "lacking", "not tried"), seen)
                }
                for subject, seen in {"keras": keras, "mxnet": mxnet}.items()
            }
            evidence = Evidence(
                cell=lambda atom: attrs.evolve(cell(status, level), details={"each": found[atom.subject]})
            )
            return decide(claim(LACKS), Era.CURRENT, evidence, headline=True)

        return verdict

    def test_two_that_only_the_other_has_are_some(self, compared):
        """By name, whatever it has beside them that the other lacks."""
        verdict = compared([["abs", "ceil", "mod"], ["tile"]], [["abs", "tile", "top"], ["ceil", "mod"]])
        assert verdict.answer is Answer.CONFIRMED
        assert "of 3 that keras has mxnet lacks 2: ceil, mod" in verdict.reason

    def test_one_is_not_some(self, compared):
        """Though the other has fewer."""
        assert compared([["abs", "ceil"], []], [["abs"], ["ceil", "mod"]]).answer is Answer.REFUTED

    def test_what_was_not_tried_may_be_lacking_or_not(self, compared):
        """In either."""
        for keras, mxnet in (
            ([["abs", "ceil"], []], [[], ["ceil"], ["abs"]]),
            ([["ceil"], [], ["abs"]], [[], ["ceil", "abs"]]),
        ):
            verdict = compared(keras, mxnet)
            assert verdict.answer is Answer.UNTESTED
            assert "of 1 more nothing is known" in verdict.reason

    def test_weaker_evidence_only_indicates(self, compared):
        """As everywhere."""
        verdict = compared([["abs", "ceil"]], [[], ["abs", "ceil"]], level=Level.SIMULATED)
        assert (verdict.answer, verdict.indication) == (Answer.INDICATED, Indication.RIGHT)

    def test_a_side_that_was_not_seen_says_why(self, claim, cell):
        """Nothing is lacking there."""
        seen = {"each": {"right": {"abs": "as seen"}}}
        evidence = Evidence(
            cell=lambda atom: (
                attrs.evolve(cell(Status.SUPPORTED), details=seen) if atom.subject == "keras" else cell(Status.UNTESTED)
            )
        )
        verdict = decide(claim(LACKS), Era.CURRENT, evidence, headline=True)
        assert verdict.answer is Answer.UNTESTED
        assert "mxnet: it is untested" in verdict.reason
