"""What holds for every rule and whatever is known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fwconformance.evidence import Level, Status
from fwconformance.verdicts import Answer, Verdict

SHOWN = (Status.SUPPORTED, Status.PARTIAL, Status.UNSUPPORTED, Status.FAILING)


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
    {name: st.tuples(st.sampled_from(Status), st.sampled_from(Level)) for name in ("a.a", "a.b", "a.c", "a.d")}
)


@given(RULES, CELLS, st.sampled_from(Level))
def test_a_verdict_reads_back_as_it_was(judge, rule, cells, level):
    """JSON out and in gives the same verdict."""
    verdict = judge(rule, cells, level=level)
    assert Verdict.from_json(verdict.claim, verdict.to_json()) == verdict
    assert verdict.reason
    assert bool(verdict.missing) == (verdict.answer is Answer.INDICATED)


@given(RULES, CELLS, st.sampled_from(["a.a", "a.b", "a.c", "a.d"]), st.sampled_from(SHOWN))
def test_learning_more_never_overturns_a_decided_claim(judge, rule, cells, name, status):
    """What was confirmed or refuted with a part unknown stays so when the part becomes known."""
    before = judge(rule, {**cells, name: Status.UNTESTED})
    after = judge(rule, {**cells, name: status})
    if before.answer in (Answer.CONFIRMED, Answer.REFUTED, Answer.PARTLY):
        assert after.answer is before.answer


@given(RULES, CELLS)
def test_weak_evidence_alone_never_decides(judge, rule, cells):
    """Nothing below the level confirms, refutes or makes partly."""
    weak = {name: (status, Level.SIMULATED) for name, (status, _) in cells.items()}
    assert judge(rule, weak).answer in (Answer.INDICATED, Answer.UNTESTED)


@given(st.permutations(["a.a", "a.b", "a.c", "a.d"]), st.sampled_from(["all", "any", "none"]), CELLS)
def test_the_order_of_the_parts_does_not_matter(judge, order, form, cells):
    """To the answer, its basis, its level and its scope."""
    one, other = judge({form: sorted(order)}, cells), judge({form: order}, cells)
    for name in ("answer", "indication", "basis", "level", "scope"):
        assert getattr(one, name) == getattr(other, name)
    assert set(one.parts_true) == set(other.parts_true)
