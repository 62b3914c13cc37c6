"""Rules in words."""

from __future__ import annotations

import pytest

from fwconformance.registry import load_registry, parse_rule, rule_to_data
from fwconformance.report import rule_in_words

RATIO = {"measure": "a.time", "of": "keras", "over": ["pytorch"], "works": ["mlp", "lstm"], "quantity": "time"}
TWO = {**RATIO, "over": ["pytorch", "mxnet"], "at_most": 2.0, "modes": ["default", "best"]}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("rnn.lstm", "rnn.lstm"),
        ({"capability": "rnn.lstm", "subject": "keras"}, "rnn.lstm of keras"),
        ({"capability": "rnn.lstm", "environment": "keras-cpu"}, "rnn.lstm in keras-cpu"),
        ({"record": True}, "the dated records of this claim"),
        ({"opinion": "a preference"}, "an opinion, which nothing decides: a preference"),
        ({"ratio": {**RATIO, "above": 1.05}}, "time of keras over pytorch, above 1.05; by a.time at mlp, lstm"),
        (
            {"ratio": TWO},
            (
                "time of keras over each of pytorch, mxnet, at most 2, in each of the modes default, best; "
                "by a.time at mlp, lstm"
            ),
        ),
        (
            {"ratio": {**TWO, "some": 1, "modes": ["default"]}},
            "time of keras over 1 of pytorch, mxnet, at most 2; by a.time at mlp, lstm",
        ),
        (
            {"lacks": {"of": "a.a", "case": "all", "subject": "mxnet", "than": "pytorch", "n": 2}},
            "mxnet lacks 2 or more of what pytorch has, by a.a:all",
        ),
        (
            {"more": {"of": ["a.a", "a.b"], "subject": "keras", "than": ["mxnet", "caffe"]}},
            "keras supports more of these than mxnet and caffe:\n  a.a\n  a.b",
        ),
        (
            {"any": [{"all": ["a.a", {"none": ["a.b"]}]}, {"at_least": {"n": 1, "of": ["a.c", {"record": True}]}}]},
            (
                "at least one of:\n  all of:\n    a.a\n    none of:\n      a.b\n  at least 1 of:\n    a.c\n"
                "    the dated records of this claim"
            ),
        ),
    ],
)
def test_each_form_has_its_words(rule, words):
    """As the matrix writes the rule, parts of parts indented."""
    assert rule_in_words(rule_to_data(parse_rule(rule))) == words


def test_every_claim_of_the_article_has_a_rule_in_words():
    """None is shown as a program has it."""
    for claim in load_registry().claims.values():
        words = rule_in_words(rule_to_data(claim.rule))
        assert "{" not in words
        assert all(name in words for name in claim.rule.capabilities())


def test_a_form_that_is_not_known_is_shown_as_it_is():
    """Of a newer minor version."""
    assert rule_in_words({"all": ["a.a", {"most": ["a.b"]}]}) == "all of:\n  a.a\n  most: ['a.b']"
