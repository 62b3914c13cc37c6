"""Rules: reading them, writing them, and what they rest on."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    RecordRule,
    Rule,
    RuleError,
    parse_rule,
    rule_to_data,
    walk_rule,
)

names = st.sampled_from(["a", "b", "c-d", "e2", "keras", "long-and-longer"])
capabilities = st.builds("{}.{}".format, names, names)
margins = st.floats(min_value=0.01, max_value=100)


def several(one: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(one, min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def ratios(draw: st.DrawFn) -> Ratio:
    of, *over = draw(st.lists(names, min_size=2, max_size=4, unique=True))
    above = draw(st.booleans())
    margin = draw(margins)
    return Ratio(
        measure=draw(capabilities),
        of=of,
        over=tuple(over),
        works=draw(several(names)),
        quantity=draw(names),
        modes=draw(several(names)),
        above=margin if above else None,
        at_most=None if above else margin,
        some=draw(st.none() | st.integers(1, len(over))),
    )


@st.composite
def lacks(draw: st.DrawFn) -> Lacks:
    subject, than = draw(st.lists(names, min_size=2, max_size=2, unique=True))
    return Lacks(of=draw(capabilities), case=draw(names), subject=subject, than=than, n=draw(st.integers(1, 9)))


@st.composite
def mores(draw: st.DrawFn) -> More:
    subject, *than = draw(st.lists(names, min_size=2, max_size=4, unique=True))
    return More(of=draw(several(capabilities)), subject=subject, than=tuple(than))


leaves: st.SearchStrategy[Rule] = st.one_of(
    st.builds(Atom, capability=capabilities, subject=st.none() | names),
    st.builds(Atom, capability=capabilities, environment=names),
    lacks(),
    ratios(),
    mores(),
    st.just(RecordRule()),
    st.builds(Opinion, reason=names),
)


def nested(inner: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    parts = st.lists(inner, min_size=1, max_size=3, unique=True).map(tuple)
    return st.one_of(
        st.builds(All, parts=parts),
        st.builds(Any_, parts=parts),
        st.builds(None_, parts=parts),
        parts.flatmap(lambda given: st.builds(AtLeast, n=st.integers(1, len(given)), parts=st.just(given))),
    )


rules = st.recursive(leaves, nested, max_leaves=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "all",
                    "any",
                    "none",
                    "at_least",
                    "more",
                    "lacks",
                    "ratio",
                    "record",
                    "opinion",
                    "capability",
                    "n",
                    "of",
                ]
            )
            | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=10,
)


@given(rule=rules)
def test_a_rule_written_and_read_again_is_the_same(rule: Rule) -> None:
    """Through JSON too, which has no tuples."""
    assert parse_rule(json.loads(json.dumps(rule_to_data(rule)))) == rule


@given(rule=rules)
def test_a_rule_rests_on_what_its_innermost_parts_rest_on(rule: Rule) -> None:
    """`capabilities` agrees with a walk over the parts, sorted and each once."""
    inner = {name for part in walk_rule(rule) if not hasattr(part, "parts") for name in part.capabilities()}
    assert rule.capabilities() == tuple(sorted(inner))


@given(value=anything)
def test_anything_is_either_a_rule_or_a_rule_error(value: object) -> None:
    """No other exception, whatever TOML holds, and every fault has its place."""
    try:
        parse_rule(value)
        problems: tuple[str, ...] = ("rule",)
    except RuleError as error:
        problems = error.problems
    assert problems
    assert all(problem.startswith("rule") for problem in problems)


def test_a_bare_text_is_a_capability_of_the_claims_own_subject() -> None:
    """No subject and no environment is named."""
    assert parse_rule("rnn.lstm") == Atom(capability="rnn.lstm", subject=None, environment=None)


def test_a_walk_names_the_outermost_first() -> None:
    """And goes on in the order written."""
    rule = parse_rule({"all": ["a.b", {"any": ["c.d"]}]})
    assert [type(part).__name__ for part in walk_rule(rule)] == ["All", "Atom", "Any_", "Atom"]


def test_a_ratio_must_hold_over_every_other_unless_it_says_some() -> None:
    """`needed` is the number of the others, or `some`."""
    table = {"measure": "a.b", "of": "k", "over": ["p", "m"], "works": ["w"], "above": 1, "quantity": "time"}
    assert parse_rule({"ratio": table}).needed == 2  # type: ignore[union-attr]
    assert parse_rule({"ratio": {**table, "some": 1}}).needed == 1  # type: ignore[union-attr]


def test_every_fault_of_a_rule_is_reported_with_its_place() -> None:
    """Not the first alone."""
    with pytest.raises(RuleError) as caught:
        parse_rule({"all": ["lstm", {"any": []}, {"record": False}]})
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "rule.all[0]",
        "rule.all[1].any",
        "rule.all[2].record",
    ]


LACKS = {"of": "a.b", "case": "c", "subject": "k", "than": "p"}
RATIO = {"measure": "a.b", "of": "k", "over": ["p"], "works": ["w"], "quantity": "time"}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({}, "exactly one form, this has nothing"),
        ({"all": ["a.b"], "any": ["a.b"]}, "exactly one form, this has all, any"),
        ({"every": ["a.b"]}, "'every' is not a form of rule"),
        (7, "7 is not a rule"),
        ("lstm", "'lstm' is not a capability id"),
        ({"capability": "a.b", "subject": "k", "environment": "e"}, "both a subject and an environment"),
        ({"capability": "a.b", "framework": "k"}, "no field 'framework'"),
        ({"all": []}, "at least one rule"),
        ({"all": ["a.b", "a.b"]}, "twice"),
        ({"at_least": {"n": 3, "of": ["a.b", "c.d"]}}, "from 1 to 2, not 3"),
        ({"at_least": {"n": True, "of": ["a.b"]}}, "not True"),
        ({"more": {"of": ["a.b"], "subject": "k", "than": ["k"]}}, "with itself"),
        ({"lacks": {**LACKS, "than": "k"}}, "with itself"),
        ({"lacks": {**LACKS, "n": 0}}, "from 1 on, not 0"),
        ({"lacks": {**LACKS, "of": "lstm"}}, "'lstm' is not a capability id"),
        ({"lacks": {"of": "a.b", "subject": "k", "than": "p"}}, "case is missing"),
        ({"ratio": RATIO}, "needs one margin"),
        ({"ratio": {**RATIO, "above": 1, "at_most": 2}}, "needs one margin"),
        ({"ratio": {**RATIO, "above": -1}}, "a number above 0, not -1"),
        ({"ratio": {**RATIO, "above": 1, "some": 2}}, "from 1 to 1, not 2"),
        ({"ratio": {**RATIO, "above": 1, "of": "p"}}, "with itself"),
        ({"opinion": ""}, "must say why"),
    ],
)
def test_a_malformed_rule_says_what_is_wrong(value: object, says: str) -> None:
    """In words that name the part."""
    with pytest.raises(RuleError, match=r"^rule") as caught:
        parse_rule(value)
    assert says in str(caught.value)
