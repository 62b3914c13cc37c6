"""Data of the AutoML cases, and the count of configurations."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks._pieces_automl import TASKS
from fwconformance.suitekit import automl_task, configurations


def choice(name, *values, where=()):
    return {"name": name, "values": list(values), "count": float(len(values)), "where": list(where)}


def span(name, count, where=()):
    return {"name": name, "values": [], "count": float(count), "where": list(where)}


@pytest.mark.parametrize("kind", TASKS)
def test_the_truth_has_no_error_and_a_guess_is_beyond_the_bound(kind):
    task = automl_task(kind)
    assert task.error(task.truth) == 0
    guess = (
        np.zeros_like(task.truth)
        if kind in ("image", "text", "tabular")
        else np.full_like(task.truth, task.truth.mean())
    )
    assert task.error(guess) > task.bound


@pytest.mark.parametrize("kind", ["image", "text", "tabular", "regression"])
def test_inputs_go_with_their_targets_and_are_the_same_each_time(kind):
    first, second = automl_task(kind), automl_task(kind)
    assert len(first.inputs) == len(first.targets)
    assert len(first.unseen) == len(first.truth)
    assert np.array_equal(np.asarray(first.inputs), np.asarray(second.inputs))


def test_nothing_unseen_is_searched_with():
    for kind in ("image", "tabular", "regression"):
        task = automl_task(kind)
        given = {row.tobytes() for row in task.inputs}
        assert not any(row.tobytes() in given for row in task.unseen)
    texts = automl_task("text")
    assert not set(texts.inputs) & set(texts.unseen)


def test_the_future_of_a_series_is_not_handed_over():
    task = automl_task("series")
    assert not task.unseen.any()
    assert task.truth.any()


def test_choices_multiply():
    assert configurations([choice("a", "1", "2"), choice("b", "x", "y", "z")]) == 6


def test_a_range_counts_as_ten_values_at_most():
    assert configurations([span("rate", float("inf")), span("few", 3)]) == 30


def test_only_what_is_there_counts():
    """One layer of three widths, or two layers of three widths each: 3 + 9."""
    space = [
        choice("layers", "1", "2"),
        choice("first", "a", "b", "c"),
        choice("second", "a", "b", "c", where=[["layers", ["2"]]]),
    ]
    assert configurations(space) == 12


def test_conditions_hang_on_conditions():
    """Adam with one of two rates or, of the second, one of three warm-ups; or nothing: 1 + 3 + 1."""
    space = [
        choice("optimizer", "adam", "none"),
        choice("rate", "low", "high", where=[["optimizer", ["adam"]]]),
        choice("warm-up", "1", "2", "3", where=[["optimizer", ["adam"]], ["rate", ["high"]]]),
    ]
    assert configurations(space) == 5
