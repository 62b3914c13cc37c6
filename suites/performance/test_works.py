"""speed.*: the catalog's works (`fwconformance list works`) in one environment, in each mode, timed and checked.

Times of one environment, for its own users: what compares environments are paired duels.
"""

from __future__ import annotations

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.suitekit import time_work

FAMILIES = ("mlp", "lenet5", "caffenet", "lstm-lm", "vgg-a", "googlenet", "resnet-50", "transformer")


@pytest.fixture
def stopwatch(benchmark):
    """pytest-benchmark's own fixture, where it does time."""
    if benchmark.disabled:
        raise Unavailable("not timed: pytest-benchmark is disabled (--benchmark-disable, or running under xdist)")
    return benchmark


def each(case):
    """One parameter a family, with the mark of its capability."""
    return [pytest.param(name, id=name, marks=pytest.mark.capability(f"speed.{name}", case)) for name in FAMILIES]


@pytest.mark.parametrize("family", each("inference"))
def test_inference(framework, oracle, case, stopwatch, family):
    """Forward passes as the framework's users get who set nothing."""
    time_work(case, framework, oracle, stopwatch, f"{family}-inference", "default")


@pytest.mark.parametrize("family", each("train"))
def test_train(framework, oracle, case, stopwatch, family):
    """Steps of stochastic gradient descent with momentum, as the framework's users get who set nothing."""
    time_work(case, framework, oracle, stopwatch, f"{family}-train", "default")


@pytest.mark.parametrize("family", each("inference-best"))
def test_inference_best(framework, oracle, case, stopwatch, family):
    """Forward passes in the mode that the framework's documentation recommends for speed."""
    time_work(case, framework, oracle, stopwatch, f"{family}-inference", "best")


@pytest.mark.parametrize("family", each("train-best"))
def test_train_best(framework, oracle, case, stopwatch, family):
    """Steps in the mode that the framework's documentation recommends for speed."""
    time_work(case, framework, oracle, stopwatch, f"{family}-train", "best")
