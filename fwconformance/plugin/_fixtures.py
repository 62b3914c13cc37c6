"""The fixtures that suite tests take, and what stands in where one cannot be had."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generator

import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.plugin._case import Case

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.plugin._conformance import Conformance


@pytest.fixture(scope="session")
def framework(pytestconfig: pytest.Config) -> Seam:
    """The framework that was asked for, behind the seam."""
    from fwconformance.plugin._conformance import PLUGIN

    return pytestconfig.stash[PLUGIN].adapter.seam()


@pytest.fixture(scope="session")
def oracle() -> Seam:
    """The reference, without any fault, behind the seam."""
    from fwconformance.frameworks import Seam, create

    return Seam(create("reference"))


class CaseFixture:
    """The fixture of every case. It does not take `request`: pytest makes that anew each time, at a cost that shows."""

    def __init__(self, plugin: Conformance) -> None:
        self._plugin = plugin

    @pytest.fixture
    def case(self) -> Case:
        """This run of this case: comparisons, figures, levels, random numbers."""
        plugin = self._plugin
        run = plugin.current
        assert run is not None, "the fixture `case` is for tests of the suites"
        run.fixture = Case(
            capability=run.capability,
            case=run.case,
            tolerance=plugin.suites.registry.capabilities[run.capability].tolerance,
            profile=plugin.profile,
            seed=plugin.options.seed,
            temporary=run.temporary,
        )
        return run.fixture


class WithoutBenchmark:
    """Stands in for pytest-benchmark where it is not installed or was left out."""

    @pytest.fixture
    def benchmark(self) -> Any:
        raise Unavailable("pytest-benchmark not installed, or left out with -p no:benchmark")


class Sabotaged:
    """Plants the sabotage asked for around the case that it names."""

    def __init__(self, plugin: Conformance) -> None:
        self._plugin = plugin

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        run, sabotage = self._plugin.current, self._plugin.adapter.sabotage()
        if run is None or (run.capability, run.case) != (sabotage.kills, sabotage.case):
            return (yield)
        with self._plugin.adapter.seam().sabotaged(sabotage):
            return (yield)
