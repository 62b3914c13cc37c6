"""costs.*: what is waited for beside the work itself, each reading in a process of its own."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.suitekit import check_data, check_first_call, check_import, check_model, check_peak_memory


@pytest.fixture
def stopwatch(benchmark):
    """pytest-benchmark's own fixture, where it does time."""
    if benchmark.disabled:
        raise Unavailable("not timed: pytest-benchmark is disabled (--benchmark-disable, or running under xdist)")
    return benchmark


@pytest.mark.capability("costs.start", "import")
def test_import(framework, oracle, case, stopwatch):
    """The framework is imported, and computes."""
    check_import(case, framework, oracle, stopwatch)


@pytest.mark.capability("costs.start", "first-call")
def test_first_call(framework, oracle, case, stopwatch):
    """Training steps as the framework's users get who set nothing."""
    check_first_call(case, framework, oracle, stopwatch, "default")


@pytest.mark.capability("costs.start", "first-call-best")
def test_first_call_best(framework, oracle, case, stopwatch):
    """Training steps in the mode that the framework's documentation recommends for speed: what compiles, does here."""
    check_first_call(case, framework, oracle, stopwatch, "best")


@pytest.mark.capability("costs.start", "peak-memory")
def test_peak_memory(framework, oracle, case, stopwatch):
    """The most memory of a process that trains LeNet-5."""
    check_peak_memory(case, framework, oracle, stopwatch)


@pytest.mark.capability("costs.loading", "data")
def test_data(framework, case, stopwatch):
    """Batches of the framework's own loader, in order."""
    check_data(case, framework, stopwatch, shuffle=False)


@pytest.mark.capability("costs.loading", "data-shuffled")
def test_data_shuffled(framework, case, stopwatch):
    """The same, shuffled."""
    check_data(case, framework, stopwatch, shuffle=True)


@pytest.mark.capability("costs.loading", "model")
def test_model(framework, oracle, case, stopwatch):
    """A model out of the framework's own file."""
    check_model(case, framework, oracle, stopwatch)
