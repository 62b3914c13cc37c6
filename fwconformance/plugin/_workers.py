"""Under xdist: what controller and workers tell each other, and what becomes of a case whose worker died."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fwconformance.evidence import Observation, Outcome
from fwconformance.frameworks import Unavailable
from fwconformance.plugin import _status
from fwconformance.plugin._suites import pair_of

if TYPE_CHECKING:
    from fwconformance.plugin._conformance import Conformance

INPUT = "fwconformance"
NOT_TIMED = "not timed under xdist"
_TIMED = ("speed", "costs")


def given(config: pytest.Config) -> dict[str, Any]:
    """What the controller told this worker."""
    found: dict[str, Any] = config.workerinput[INPUT]  # type: ignore[attr-defined]
    return found


class Worker:
    """Hooks of a worker only."""

    def __init__(self, plugin: Conformance) -> None:
        self._plugin = plugin

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Tell the controller which case each node id is, before it hears of the collection.

        Reports carry that too, but a worker may die before its first report.
        """
        config = session.config
        index = {item.nodeid: pair_of(item) for item in session.items}
        path = Path(given(config)["folder"], f"{config.workerinput['workerid']}.json")  # type: ignore[attr-defined]
        path.write_text(json.dumps(index), encoding="utf-8")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Cases that share the machine with others are not timed."""
        run = self._plugin.current
        if run is not None and run.capability.split(".")[0] in _TIMED:
            raise Unavailable(NOT_TIMED)


class Receiver:
    """Takes in what the workers report. It is registered with the first of them: in one process no report passes it."""

    def __init__(self, plugin: Conformance) -> None:
        self._plugin = plugin

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "teardown":
            return
        plugin = self._plugin
        for name, line in reversed(report.user_properties):
            if name == _status.OBSERVATION:
                assert plugin.header is not None
                plugin.results.add_line(str(line), plugin.header)
                plugin.keep(str(line), plugin.index[report.nodeid])
                return


class Controller:
    """Hooks of the process that writes the journal; without xdist none of them is called."""

    def __init__(self, plugin: Conformance) -> None:
        self._plugin = plugin
        self._folder: str | None = None
        self._receiver: Receiver | None = None

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker what the journal holds already, and where to put its index."""
        if self._receiver is None:
            self._receiver = Receiver(self._plugin)
            self._plugin.config.pluginmanager.register(self._receiver, "fwconformance-receiver")
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="fwconformance-")
        node.workerinput[INPUT] = {"done": sorted(map(list, self._plugin.done())), "folder": self._folder}

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any) -> None:
        path = Path(self._folder or "", f"{node.workerinput['workerid']}.json")
        index = json.loads(path.read_text(encoding="utf-8"))
        self._plugin.index.update((node_id, (pair[0], pair[1])) for node_id, pair in index.items())

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: Any) -> None:
        """A worker died: that is what its case did."""
        pair = self._plugin.index.get(crashitem)
        if pair is None:
            return
        report.user_properties.append((_status.OUTCOME, Outcome.CRASHED.value))
        plugin = self._plugin
        assert plugin.header is not None
        plugin.add(
            Observation(
                key=plugin.header.key(*pair),
                attempt=plugin.options.attempt,
                outcome=Outcome.CRASHED,
                message="its xdist worker died",
            )
        )

    def pytest_unconfigure(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
