"""A pytest plugin for proofs: runs each case as it is, then under each fault that is planted for it, in one process.

For the reference the faults are its mutants, for a real framework the sabotages that its adapter offers. What happens
is written as JSON
lines to a file, since a fault may kill the process:

    {"plan": [[fault, capability, case], ...], "cases": [[capability, case], ...]}
    {"begin": [fault, capability, case]}                     fault "": the case as it is, its unmutated twin
    {"done": [fault, capability, case], "outcome": ..., "message": ..., "finding": ...}
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any, ContextManager, Generator, Iterator

import pytest
from _pytest.runner import (
    runtestprotocol,
)  # what every plugin that runs a test again uses; pytest has no public name for it

from fwconformance.plugin._conformance import PLUGIN
from fwconformance.plugin._status import OBSERVATION
from fwconformance.plugin._suites import pair_of
from fwconformance.supervisor._config import FAULTS

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam


class Faults:
    """Hooks of a proving run. `spec`: see `_proofs.prove`."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self._results = spec["results"]
        self._skip = {tuple(each) for each in spec["skip"]}
        self._part, self._parts = spec["part"]
        self._planted: dict[tuple[str, str], dict[str, Any]] = {}
        self._fault: Any = None
        self._seam: Seam | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        _do_not_shrink()
        # Its table is of one run of each case; here there are several.
        session.config.pluginmanager.unregister(name="fwconformance-summary")

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """After the plugin took out what is not to run: leave the cases that faults are planted for, and of these our
        part.
        """
        plugin = session.config.stash[PLUGIN]
        self._seam = plugin.adapter.seam()
        larger = {
            (capability.id, case.id)
            for capability in plugin.suites.registry.capabilities.values()
            for case in capability.cases
            if not plugin.profile.holds(case.profile)
        }
        plan = [each for each in _planted(self._seam) if each[1:3] not in larger]
        for name, capability, case, fault in plan:
            self._planted.setdefault((capability, case), {})[name] = fault
        cases = [pair_of(item) for item in items]
        wanted = [item for item in items if pair_of(item) in self._planted]
        mine = wanted[self._part :: self._parts]
        self._write({"plan": [each[:3] for each in plan], "cases": cases, "part": [pair_of(item) for item in mine]})
        items[:] = [item for item in mine if self._left(pair_of(item))]

    def _left(self, pair: tuple[str, str]) -> list[str]:
        """The faults of a case that are still to be tried. None is, where the case as it is did not survive."""
        if ("", *pair) in self._skip:
            return []
        return [name for name in self._planted[pair] if (name, *pair) not in self._skip]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        pair = pair_of(item)
        # Until the last run, another item of the session comes next, so that the framework is not taken down in
        # between.
        other = nextitem or next((each for each in item.session.items if each is not item), None)
        sound = self._run(item, "", other)
        names = self._left(pair) if sound == "passed" else []
        for name in names:
            self._fault = self._planted[pair][name]
            try:
                self._run(item, name, other)
            finally:
                self._fault = None
        if nextitem is None:
            item.session._setupstate.teardown_exact(None)  # noqa: SLF001 - the session ends here
        return True

    def _run(self, item: pytest.Item, name: str, nextitem: pytest.Item | None) -> str:
        identity = [name, *pair_of(item)]
        self._write({"begin": identity})
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        line = next(text for report in reports for key, text in report.user_properties if key == OBSERVATION)
        seen = json.loads(str(line))
        self._write({"done": identity, **{field: seen[field] for field in ("outcome", "message", "finding")}})
        return str(seen["outcome"])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        with self._planted_now():
            return (yield)

    def _planted_now(self) -> ContextManager[None]:
        if self._fault is None:
            return contextlib.nullcontext()
        assert self._seam is not None
        if hasattr(self._fault, "apply"):
            return self._seam.sabotaged(self._fault)
        return _replaced(self._seam, self._fault.create())

    def _write(self, record: dict[str, Any]) -> None:
        handle = os.open(self._results, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, (json.dumps(record) + "\n").encode())
        os.close(handle)


def _planted(seam: Seam) -> Iterator[tuple[str, str, str, Any]]:
    """(name, capability, case, the fault) of every mutant or sabotage."""
    if seam.name == "reference":
        from fwconformance.frameworks.reference._mutants import MUTANTS

        for mutant in MUTANTS.values():
            for case in mutant.cases:
                yield mutant.name, mutant.capability, case, mutant
        return
    for sabotage in seam.sabotages():
        yield sabotage.name, sabotage.kills, sabotage.case, sabotage


@contextlib.contextmanager
def _replaced(seam: Seam, mutant: Any) -> Iterator[None]:
    """Inside, the mutant is what the seam speaks to."""
    sound = seam.adapter
    seam.adapter = mutant
    try:
        yield
    finally:
        seam.adapter = sound


def _do_not_shrink() -> None:
    """That a test fails is what we want to know, not at how small an example. Before any suite is imported."""
    try:
        from hypothesis import Phase, settings
    except ImportError:
        return
    import fwconformance.suitekit  # noqa: F401 - it loads the profile of a run, which ours changes

    plain = settings.get_profile("fwconformance")
    settings.register_profile("fwconformance-proofs", plain, phases=[Phase.explicit, Phase.generate])
    settings.load_profile("fwconformance-proofs")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Faults(json.loads(os.environ[FAULTS])), "fwconformance-faults")
