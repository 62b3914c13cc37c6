"""From a project to a program that can be run: built once, kept in the user's cache."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Sequence

import attrs

from fwconformance.bindings import _kept
from fwconformance.bindings._errors import BuildFailed
from fwconformance.bindings._tool import Tool
from fwconformance.bindings._tools import TOOLS
from fwconformance.frameworks import Project, Unavailable
from fwconformance.processes import Hung, how_it_ended, run_program

LOG = "build.log"
#: Builds that took too long in this process, or did not reach what they fetch: the next rung would only wait again.
_SLOW: dict[Path, str] = {}
_UNREACHED: dict[Path, str] = {}
_WHOLE = "built"  # a file that is there once all steps are done


@attrs.frozen(kw_only=True)
class Built:
    """A program that is there.

    Attributes:
        project: what it was built from.
        command: how it is started, its arguments left out.
        seconds: that building took now; 0 where it was kept.
        log: of the build.
    """

    project: Project
    command: tuple[str, ...]
    seconds: float
    log: Path


def _say(line: str) -> None:
    """To the terminal itself: a test's own output is shown when it is over."""
    print(line, file=sys.__stderr__, flush=True)


def build(project: Project, fixtures: Path, *, say: Callable[[str], None] = _say, limit: float | None = None) -> Built:
    """The program of `project`: the kept one, or built now.

    Args:
        project: what to build.
        fixtures: the folder ``fixtures/bindings``.
        say: takes lines of progress.
        limit: seconds; that of the tool by default.

    Raises Unavailable where the tool is not on the path or does not reach its registry, or the cache cannot be
    written; `BuildFailed` with the first error that the tool printed. The log of a build that failed is kept too.
    """
    tool = TOOLS[project.tool]
    tool.require()
    for names, hint in project.needs.items():
        if not any(shutil.which(name) for name in names.split("|")):
            raise Unavailable(f"no {' or '.join(names.split('|'))} on the path: install {hint}")
    sources = {name: fixtures / name for name in (project.folder, project.shared) if name}
    for name, source in sources.items():
        if not source.is_dir():
            raise FileNotFoundError(f"fixtures/bindings/{name} is missing: reinstall fwconformance")
    store = _kept.folder()
    place = store / _kept.key(project, sources, tool.versions())
    try:
        store.mkdir(parents=True, exist_ok=True)
        started = time.monotonic()
        with _kept.one_at_a_time(place.with_suffix(".lock")):
            kept = (place / _WHOLE).is_file()
            if not kept:
                _refused_before(place)
                # What a killed build left.
                shutil.rmtree(str(place), ignore_errors=True)
                say(f"{project.folder}: building with {tool.name}, {project.artifact}")
                _make(project, tool, sources, place, tool.limit if limit is None else limit)
                say(f"{project.folder}: built in {time.monotonic() - started:.0f} s")
    except OSError as error:
        raise Unavailable(
            f"{project.folder} cannot be built in the user's cache: {error.strerror or error}; point "
            "FWCONFORMANCE_CACHE to a writable folder with room"
        ) from error
    return Built(
        project=project,
        command=tuple(tool.command(place / "build")),
        seconds=0.0 if kept else time.monotonic() - started,
        log=place / LOG,
    )


def _refused_before(place: Path) -> None:
    """Raise what was kept of a build that its binding refused, as it does again with the same tools and sources, and
    what came of one that this process waited for.
    """
    if place in _SLOW:
        raise BuildFailed(_SLOW[place])
    if place in _UNREACHED:
        raise Unavailable(_UNREACHED[place])
    refused = place.with_suffix(".refused")
    if refused.is_file():
        raise BuildFailed(refused.read_text(encoding="utf-8"))


def _make(project: Project, tool: Tool, sources: dict[str, Path], place: Path, limit: float) -> None:
    """Build in `place` itself, since tools write its path into what they make; away with it where that fails."""
    failed = place.with_suffix(".failed.log")
    try:
        for name, source in sources.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copytree(str(source), str(place / name))
        (place / "build").mkdir(exist_ok=True)
        _steps(project, tool, place, limit)
        (place / _WHOLE).touch()
    except BaseException:
        if (place / LOG).is_file():
            (place / LOG).replace(failed)
        shutil.rmtree(str(place), ignore_errors=True)
        raise


def _program(step: Sequence[str]) -> str:
    """What a step runs, in a message: without its folder, and without the variables that it is given."""
    return next(Path(word).name for word in step if word != "env" and "=" not in word)


def _steps(project: Project, tool: Tool, place: Path, limit: float) -> None:
    deadline = time.monotonic() + limit
    source, target = place / project.folder, place / "build"
    steps, variables = tool.steps(project, source, target), tool.variables(project, source, target)
    with tempfile.TemporaryDirectory(prefix="fwconformance-build-") as scratch, (place / LOG).open("wb") as log:
        for step in steps:
            log.write(f"$ {' '.join(step)}\n".encode())
            log.flush()
            try:
                ended = run_program(
                    step,
                    folder=scratch,
                    limit=max(1.0, deadline - time.monotonic()),
                    # What a virtual environment or a user set for other builds is none of this one's affair.
                    environment={"MAKEFLAGS": "", "MAKELEVEL": "", **variables},
                    name=step[0],
                )
            except Hung as hung:
                log.write(hung.ended[0].output.encode())
                message = f"{project.folder}: {_program(step)} was not done after {limit:g} s"
                _SLOW[place] = message
                raise BuildFailed(message) from hung
            log.write((Path(scratch) / "program-0.log").read_bytes())
            if ended.status != 0:
                printed = (Path(scratch) / "program-0.log").read_text(encoding="utf-8", errors="replace")
                unreached = tool.unreached(printed)
                if unreached:
                    _UNREACHED[place] = (
                        f"{project.folder}: {tool.name} did not get {project.artifact}: {unreached}; try again where "
                        "that is reached: what is built is kept"
                    )
                    raise Unavailable(_UNREACHED[place])
                unmet = [line for line in printed.splitlines() if project.unmet and re.search(project.unmet, line)]
                if unmet:
                    raise Unavailable(f"{project.folder}: {unmet[0].strip()[:300]}")
                message = (
                    f"{project.folder}: {_program(step)} failed ({how_it_ended(ended.status or 0)}): "
                    f"{tool.first_error(printed)}; its log is {place.with_suffix('.failed.log')}"
                )
                if project.refusal and re.search(project.refusal, message):
                    place.with_suffix(".refused").write_text(message, encoding="utf-8")
                raise BuildFailed(message)
