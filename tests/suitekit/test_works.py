"""Works timed in one environment: what is checked before and after, on the reference and its mutants."""

from __future__ import annotations

import types

import pytest

from fwconformance.evidence import Profile
from fwconformance.frameworks import Seam, create
from fwconformance.suitekit import time_work


class Stopwatch:
    """What of pytest-benchmark's fixture a work is timed by."""

    def __init__(self):
        self.extra_info = {}
        self.called = 0

    def pedantic(self, call, *, rounds, iterations):
        for _ in range(rounds * iterations):
            call()
        self.called += rounds
        self.stats = types.SimpleNamespace(stats=types.SimpleNamespace(median=0.5, rounds=rounds))


@pytest.fixture
def timed(normalised, make_case):
    """Times the made-up work on a mutant of the reference, or on itself; gives the case and the stopwatch."""

    def run(what, mutant=""):
        case = make_case("speed.normalised", what, tolerance=(1e-3, 1e-4), profile=Profile.SMOKE)
        stopwatch = Stopwatch()
        framework = Seam(create("reference", mutant=mutant))
        time_work(case, framework, Seam(create("reference")), stopwatch, normalised[what].id, "default")
        return case, stopwatch

    return run


@pytest.mark.parametrize("what", ["train", "inference"])
def test_a_work_with_batch_normalisation_is_timed(timed, what):
    """Running statistics move without a gradient."""
    case, stopwatch = timed(what)
    assert case.figures["throughput"].value == 8 / 0.5
    assert stopwatch.called >= 5
    assert stopwatch.extra_info["mode"] == "default"


@pytest.mark.parametrize(
    ("what", "mutant", "says"),
    [
        ("inference", "batch-norm-uses-batch-at-inference", "outputs before timing"),
        ("train", "batch-norm-ignores-training", "loss before timing"),
        ("train", "batch-norm-statistics-held-constant", "gradient by 0.kernel before timing"),
        ("train", "frozen-learner-speed-mlp", "the timed step moved no value of"),
    ],
)
def test_a_work_that_is_not_done_is_not_timed(timed, what, mutant, says):
    with pytest.raises(AssertionError, match=says):
        timed(what, mutant)
