"""Known faults: their standalone programs, each run in a process of its own with the framework alone."""

from __future__ import annotations

import contextlib
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from importlib import metadata

import attrs

from fwconformance.evidence import Outcome
from fwconformance.frameworks import CatalogError, find_entry
from fwconformance.processes import Child, how_it_ended
from fwconformance.registry import Finding, Registry, fixtures_dir, suites_dir
from fwconformance.supervisor._config import PACKAGE, Target, Workplace
from fwconformance.supervisor._follow import Attempt
from fwconformance.supervisor._journal import continued
from fwconformance.supervisor._supervise import Refused
from fwconformance.supervisor._watch import Ending, How, Signals, watch

_REPRODUCED, _GONE, _NOT_TRIED = 0, 1, 77  # what a program's exit status says; 77 as Automake has it


@attrs.frozen(kw_only=True)
class FindingResult:
    """What became of one program. word: "reproduced", "gone", "not tried" or "error"; message: its last line, or why
    there is none.
    """

    id: str
    word: str
    message: str

    @property
    def reproduced(self) -> bool:
        return self.word == "reproduced"


def check_findings(
    target: Target, registry: Registry, *, journal: pathlib.Path | None, limit: float
) -> list[FindingResult]:
    """Run the program of each finding that concerns `target` at its installed version; append the results to `journal`.

    A program that ends with 77 lacks something here that is no part of the framework. It leaves no record, as one that
    ends otherwise than with 0 or 1, which is an error.
    Raises Refused where the framework is not installed, Interrupted, ShardError, JournalError.
    """
    version = framework_version(target)
    relevant = [finding for finding in registry.findings.values() if _concerns(finding, target, version)]
    results = []
    with Signals().noted() as signals, contextlib.closing(Workplace()) as workplace:
        for finding in relevant:
            result = _check(finding, target, workplace, signals, limit)
            results.append(result)
            if journal is not None and result.word in ("reproduced", "gone"):
                with continued(journal) as kept:
                    kept.finding(finding.id, reproduced=result.reproduced, message=result.message)
    return results


def known_crash(registry: Registry, target: Target, attempt: Attempt, how: str) -> str | None:
    """Id of the finding that explains that this case ended so (`how`: "SIGSEGV: ..."), None where there is none."""
    capability, case, _ = attempt
    known = registry.findings_for(
        capability,
        case,
        framework=target.framework,
        backend=target.backend,
        version=framework_version(target),
    )
    return next(
        (each.id for each in known if each.outcome == Outcome.CRASHED.value and re.search(each.message, how)), None
    )


def framework_version(target: Target) -> str:
    """Version of the framework's own distribution in the target's interpreter, by its metadata. Raises Refused where
    there is none.
    """
    try:
        distributions = find_entry(target.framework).backend(target.backend).distributions
    except CatalogError as error:
        raise Refused(str(error)) from error
    for distribution in distributions:
        found = _version(distribution, target.python)
        if found:
            return found
    raise Refused(
        f"{target.python} has none of {', '.join(distributions)}; install the framework there, or name another --python"
    )


def _version(distribution: str, python: str) -> str:
    if python == sys.executable:
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            return ""
    code = "import sys; from importlib import metadata; print(metadata.version(sys.argv[1]))"
    done = subprocess.run(
        [python, "-B", "-c", code, distribution],
        cwd=tempfile.gettempdir(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    return done.stdout.decode().strip() if done.returncode == 0 else ""


def _concerns(finding: Finding, target: Target, version: str) -> bool:
    return any(
        finding.covers(
            framework=target.framework,
            backend=target.backend,
            version=version,
            capability=finding.capability,
            case=case,
        )
        for case in finding.cases
    )


def _check(finding: Finding, target: Target, workplace: Workplace, signals: Signals, limit: float) -> FindingResult:
    program = fixtures_dir() / "findings" / finding.program
    env = workplace.environment()
    if target.framework == "keras":
        env["KERAS_BACKEND"] = target.backend
    with workplace.log.open("wb") as log:
        begun = time.monotonic()
        child = Child([target.python, "-B", str(program)], cwd=workplace.cwd, env=env, log=log)
        ending = watch(child, signals, look=lambda: begun + limit - time.monotonic())
    lines = [line for line in workplace.log_tail().splitlines() if line.strip()]
    said = _scrubbed(lines[-1]) if lines else ""
    if ending == Ending(how=How.ENDED, status=_REPRODUCED):
        return FindingResult(id=finding.id, word="reproduced", message=said)
    if ending == Ending(how=How.ENDED, status=_NOT_TRIED):
        return FindingResult(id=finding.id, word="not tried", message=said)
    # An uncaught exception ends a program with 1 too, and does not say that the fault is gone.
    if ending == Ending(how=How.ENDED, status=_GONE) and not any(
        line.startswith("Traceback (most recent call last)") for line in lines
    ):
        return FindingResult(id=finding.id, word="gone", message=said)
    what = how_it_ended(ending.status) if ending.how is How.ENDED else f"no result within {limit:g} s"
    return FindingResult(
        id=finding.id, word="error", message=f"its program ended with {what}{': ' + said if said else ''}"
    )


def _scrubbed(text: str) -> str:
    from fwconformance.plugin._scrub import scrubber

    return scrubber(suites=str(suites_dir()), package=str(PACKAGE), working=str(pathlib.Path.cwd()))(text)
