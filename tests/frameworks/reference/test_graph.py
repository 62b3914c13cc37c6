"""Graphs declared first and run afterwards."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.frameworks.reference._graph import Graph


def test_nothing_runs_while_it_is_declared():
    """Operations are called by the plan's run alone, once each."""
    calls = []
    graph = Graph()
    node = graph.apply(lambda value: calls.append(value) or value + 1, graph.placeholder("x"))
    plan = graph.plan([node])
    assert not calls
    assert plan.run(x=4) == (5,)
    assert calls == [4]


def test_what_is_not_wanted_is_not_run():
    """An operation that no output depends on is left out of the plan, and so is its placeholder."""
    graph = Graph()
    x, unused = graph.placeholder("x"), graph.placeholder("unused")
    graph.apply(operator.truediv, unused, unused)
    assert graph.plan([graph.apply(operator.neg, x)]).run(x=2) == (-2,)


def test_values_are_let_go_after_their_last_use():
    """A value that is used twice lives until the second use; outputs stay."""
    graph = Graph()
    x = graph.placeholder("x")
    double = graph.apply(operator.add, x, x)
    both = graph.apply(operator.mul, double, x)
    plan = graph.plan([both, double])
    assert [gone for *_, gone in plan.steps] == [(), (x,)]
    assert plan.run(x=3) == (18, 6)


def test_item_picks_from_a_tuple():
    """One item of a result that is a tuple is a node of its own."""
    graph = Graph()
    both = graph.apply(divmod, graph.placeholder("x"), graph.placeholder("y"))
    assert graph.plan([graph.item(both, 1), graph.item(both, 0)]).run(x=17, y=5) == (2, 3)


def test_a_missing_value_is_named():
    """A placeholder without a value is a KeyError with its name."""
    graph = Graph()
    with pytest.raises(KeyError, match="x"):
        graph.plan([graph.apply(operator.neg, graph.placeholder("x"))]).run(y=1)


def test_foreign_nodes_are_refused():
    """An input that is no node of the graph is an error where it is declared."""
    with pytest.raises(ValueError, match="no nodes of this graph"):
        Graph().apply(operator.neg, 3)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=12), st.data())
def test_any_graph_gives_what_running_everything_gives(edges, data):
    """Planning changes what is kept, never what comes out."""
    graph, values = Graph(), [3, 5]
    graph.placeholder("a")
    graph.placeholder("b")
    for left, right in edges:
        left, right = left % len(values), right % len(values)  # noqa: PLW2901 - any number names some node
        graph.apply(lambda one, other: (2 * one + other) % 1009, left, right)
        values.append((2 * values[left] + values[right]) % 1009)
    wanted = data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1, max_size=4))
    assert graph.plan(wanted).run(a=3, b=5) == tuple(values[node] for node in wanted)
