"""The plugin of one run: collects the suites, watches each case, and keeps what it saw."""

from __future__ import annotations

import gc
import importlib.util
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Generator

import pytest

from fwconformance import _hypothesis_profile
from fwconformance.evidence import Header, Observation
from fwconformance.frameworks import CatalogError
from fwconformance.plugin import _fixtures, _status, _workers
from fwconformance.plugin._adapter import Adapter
from fwconformance.plugin._classify import Classifier
from fwconformance.plugin._identity import make_header, surely_no_cuda
from fwconformance.plugin._results import Results
from fwconformance.plugin._run import CaseRun
from fwconformance.plugin._suites import PAIR, AbsentModule, SuiteModule, Suites, check_mark, pair_of
from fwconformance.plugin._summary import Summary
from fwconformance.shards import Journal, JournalError, ShardError, observation_line, open_journal, start_line

if TYPE_CHECKING:
    from fwconformance.evidence import Profile
    from fwconformance.plugin._options import Options

PLUGIN = pytest.StashKey["Conformance"]()
PACKAGE = Path(__file__).resolve().parent.parent


class Conformance:
    """Hooks of a run with `--framework`.

    In one process it does everything. Under xdist each worker runs cases and sends what they saw as user properties of
    the report of their teardown; the controller alone writes the journal.
    """

    def __init__(self, config: pytest.Config, options: Options, suites: Suites) -> None:
        self.config = config
        self.options = options
        self.suites = suites
        self.arguments: list[str] = []
        self.profile: Profile = options.profile
        self.adapter = Adapter(options)
        self.results = Results(suites.registry, options)
        self.journal: Journal | None = None
        self.header: Header | None = None
        self.absent = ""
        # What each node id is; filled when collection is over, under xdist by what the workers found.
        self.index: dict[str, tuple[str, str]] = {}
        self.current: CaseRun | None = None
        self.worker = False
        self._scrubber: Callable[[str], str] | None = None
        self._working = str(Path.cwd())
        self.classify = Classifier((str(suites.directory), str(PACKAGE / "suitekit"), str(PACKAGE / "plugin")))

    def scrub(self, message: str) -> str:
        """`message` without what belongs to this machine. A run in which every case passes has none."""
        if self._scrubber is None:
            from fwconformance.plugin._scrub import scrubber

            self._scrubber = scrubber(suites=str(self.suites.directory), package=str(PACKAGE), working=self._working)
        return self._scrubber(message)

    # Starting

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[PLUGIN] = self
        self.worker = hasattr(config, "workerinput")
        config.args[:] = self.arguments
        # Pytest's own options that would collect something else than the suites, or under other module names.
        config.option.importmode = "importlib"
        config.option.pyargs = False
        for name in ("doctestmodules", "keepduplicates"):
            setattr(config.option, name, False)
        config.addinivalue_line("markers", "capability(id, case): the capability and case that a suite test decides")
        config.addinivalue_line("markers", "bindings: a case in which a program in another language is built and run")
        self.absent = self._why_absent()
        if self.absent:
            config.args[:] = self.arguments[:1]
        else:
            _hypothesis_profile.ask(self.profile.value, random=self.options.random)
        self._ignore_warnings(config)
        plugins = config.pluginmanager
        plugins.register(_fixtures, "fwconformance-fixtures")
        plugins.register(_fixtures.CaseFixture(self), "fwconformance-case")
        plugins.register(_status, "fwconformance-status")
        if not plugins.hasplugin("benchmark"):
            plugins.register(_fixtures.WithoutBenchmark(), "fwconformance-without-benchmark")
        if self.worker:
            plugins.register(_workers.Worker(self), "fwconformance-worker")
        else:
            plugins.register(Summary(self), "fwconformance-summary")
            plugins.register(_workers.Controller(self), "fwconformance-controller")
        if self.options.mutant or self.options.sabotage:
            self._check_fault()
        if self.options.sabotage:
            plugins.register(_fixtures.Sabotaged(self), "fwconformance-sabotage")

    @staticmethod
    def _ignore_warnings(config: pytest.Config) -> None:
        """Older Hypothesis believes its generator forgotten, because the garbage collector does not show who refers to
        it once we froze what it knows.

        Said once for the session: what stands in `filterwarnings`, pytest says anew for every test.
        """
        kept = warnings.catch_warnings()
        kept.__enter__()
        config.add_cleanup(lambda: kept.__exit__(None, None, None))
        warnings.filterwarnings("ignore", "It looks like .register_random. was passed an object that could be garbage")

    def _why_absent(self) -> str:
        """Why no case can run here, "" where it can."""
        if self.options.device == "cuda" and surely_no_cuda():
            return "no CUDA device"
        return "" if importlib.util.find_spec("numpy") else "numpy not installed"

    def _check_fault(self) -> None:
        """Make the framework now, so that an unknown fault is told before anything runs."""
        if self.config.getoption("tx", None) or self.config.getoption("numprocesses", None) or self.worker:
            raise pytest.UsageError("--fw-mutant and --fw-sabotage run in one process; leave out -n")
        if self.absent:
            return
        option = "--fw-mutant" if self.options.mutant else "--fw-sabotage"
        try:
            self.adapter.check_fault(self.device())
        except (CatalogError, KeyError, ValueError, TypeError) as error:
            raise pytest.UsageError(f"{option}: {error.args[0] if error.args else error}") from error

    def device(self) -> str:
        """The device asked for, "auto" resolved by the framework."""
        return self.adapter.resolve_device() if self.options.device == "auto" else self.options.device

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        if self.worker:
            return
        self.header = make_header(self.options, self.suites, self.device())
        self.results.header = self.header
        self.config.hook.pytest_fwconformance_header(config=self.config, header=self.header)
        if self.options.shard is not None:
            try:
                self.journal = open_journal(self.options.shard, self.header, resume=self.options.resume)
            except (JournalError, ShardError) as error:
                raise pytest.UsageError(f"--fw-shard: {error}") from error
            self.header = self.results.header = self.journal.header
            if self.journal.before:
                self.results.before(self.journal.before)

    def pytest_report_header(self) -> list[str]:
        header, options = self.header, self.options
        if header is None:
            return []
        backend = f" on {header.backend}" if header.backend else ""
        fault = f", with the fault {header.mutant}" if header.mutant else ""
        how = f"device {header.device}, profile {header.profile}, seed {header.seed}{fault}"
        lines = [
            f"framework: {header.framework}{backend}, {how}",
            f"environment: {header.environment} ({header.label})",
        ]
        if options.shard is not None:
            lines.append(f"journal: {options.shard}{' (continued)' if self.journal and self.journal.before else ''}")
        return lines

    # Collecting

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makemodule(self, module_path: Path, parent: Any) -> pytest.Module | None:
        if not self.suites.holds(module_path):
            return None
        node_id = self.suites.node_id(module_path)
        if self.absent:
            absent: AbsentModule = AbsentModule.from_parent(parent, path=module_path, nodeid=node_id)
            absent.cases = [
                (capability.id, case.id) for capability in self.suites.registry.active() for case in capability.cases
            ]
            absent.reason = self.absent
            return absent
        module: SuiteModule = SuiteModule.from_parent(parent, path=module_path, nodeid=node_id)
        module.suites = self.suites
        return module

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        kept: list[pytest.Item] = []
        left_out: list[pytest.Item] = []
        seen: dict[tuple[str, str], str] = {}
        done, wanted = self.done(), self._wanted()
        for item in items:
            pair = item.stash.get(PAIR, None)
            if pair is None:  # a test in a class was not seen by its module
                problem = check_mark(item, self.suites)
                if problem:
                    raise pytest.UsageError(problem)
                pair = pair_of(item)
            if pair in seen:
                raise pytest.UsageError(
                    f"{':'.join(pair)} has two tests, {seen[pair]} and {item.nodeid}; one case is one test"
                )
            seen[pair] = item.nodeid
            (kept if pair in wanted and pair not in done else left_out).append(item)
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = kept

    def _wanted(self) -> set[tuple[str, str]]:
        """Cases that are asked for, in the profile, and not inapplicable."""
        entry, backend = self.options.entry.name, self.options.backend
        return {
            (capability.id, case.id)
            for capability in self.suites.registry.active()
            if capability.inapplicable_to(entry, backend) is None
            for case in capability.cases_for(entry, backend)
            if self.profile.holds(case.profile) and self.options.selects(capability.id, case.id)
        }

    def nothing_left(self) -> int:
        """How many cases the continued journal holds of those asked for, where it holds them all; else 0."""
        wanted = self._wanted()
        return len(wanted) if self.options.resume and wanted <= self.done() else 0

    def done(self) -> set[tuple[str, str]]:
        """Cases that the journal holds already, at this attempt or a later one."""
        if self.worker:
            return {(name, case) for name, case in _workers.given(self.config)["done"]}
        if self.journal is None or self.journal.before is None:
            return set()
        seen = self.journal.before.observations
        return {(each.key.capability, each.key.case) for each in seen if each.attempt >= self.options.attempt}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.index.update((item.nodeid, pair_of(item)) for item in session.items)
        # What was imported and collected stays to the end: the garbage collector need not look through it again.
        gc.freeze()

    def pytest_unconfigure(self) -> None:
        gc.unfreeze()

    # Running

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        pair = self.index.get(nodeid)
        if pair is None:
            return
        self.adapter.forget()
        self.current = CaseRun(*pair)
        if not self.worker:
            self.results.started(pair)
            if self.journal is not None:
                self._write(start_line(pair[0], pair[1], self.options.attempt))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        run = self.current
        when = call.when
        if run is None or (when == "setup" and call.excinfo is None):
            return report
        if call.excinfo is not None:
            self._fell(run, item, call.excinfo, report)
        elif when == "call":
            run.duration = call.duration
            run.settle(self.adapter, self.device())
            if run.outcome is not None:
                _status.show(report, run, item)
        if when == "teardown":
            line = run.line(self.options.attempt, self.scrub, timed=not self.worker)
            report.user_properties.append((_status.OBSERVATION, line))
            if not self.worker:
                self.results.add_run(run)
                self.keep(line, (run.capability, run.case))
            run.clean_up()
            self.current = None
        return report

    def _fell(
        self, run: CaseRun, item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException], report: pytest.TestReport
    ) -> None:
        if report.when == "teardown" and run.outcome is not None and run.outcome.is_new_fault:
            return  # the first fault is the one to tell
        findings = self._findings(run.capability, run.case)
        classified = self.classify(excinfo.value, excinfo.value.__traceback__, findings)
        run.fell(classified, self.adapter, self.device())
        _status.show(report, run, item)

    def _findings(self, capability: str, case: str) -> Any:
        if self.options.mutant or self.options.sabotage:
            return ()  # what falls over a planted fault is that fault's
        return self.suites.registry.findings_for(
            capability,
            case,
            framework=self.options.entry.name,
            backend=self.options.backend,
            version=self.adapter.version,
        )

    # Keeping

    def keep(self, line: str, pair: tuple[str, str]) -> None:
        """Keep one observation, written out as a line of the journal."""
        if self.journal is not None:
            self._write(line, observation=True)
        hook = self.config.hook.pytest_fwconformance_observation
        if hook.get_hookimpls():
            hook(config=self.config, observation=self.results.take(pair))

    def _write(self, line: str, *, observation: bool = False) -> None:
        assert self.journal is not None
        try:
            if observation:
                self.journal.observe_line(line)
            else:
                self.journal.write(line)
        except JournalError as error:
            journal, self.journal = self.journal, None
            journal.close()
            pytest.exit(str(error), returncode=pytest.ExitCode.INTERRUPTED)

    def add(self, observation: Observation) -> None:
        """Take an observation that no report of this process carried."""
        self.results.add(observation)
        self.keep(observation_line(observation), (observation.key.capability, observation.key.case))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self.journal is not None:
            if exitstatus != pytest.ExitCode.INTERRUPTED:
                try:
                    complete = exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self.nothing_left()
                    self.journal.end(0 if complete else int(exitstatus))
                except JournalError as error:
                    self.results.notes.append(str(error))
                    session.exitstatus = pytest.ExitCode.INTERRUPTED
            self.journal.close()
            self.journal = None
