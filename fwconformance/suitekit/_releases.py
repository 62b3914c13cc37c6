"""Whether a binding breaks between two of its releases: one program, unchanged, built and run with both."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fwconformance.bindings import BuildFailed, Built, ProgramFailed, ProgramLate, build, version
from fwconformance.frameworks import NotAdapted, Project, Releases, Seen, Unavailable, refuse
from fwconformance.registry import fixtures_dir
from fwconformance.suitekit._bindings import climb, on_the_cpu

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case


def check_breaks(case: Case, framework: Seam, oracle: Seam) -> None:
    """Assert that a program which works with one release of a binding does not with a later one; which is `case.id`.

    Raises AssertionError where it does not work with the earlier release, or the two are not one program with two
    releases: then nothing was compared. Raises Unsupported where it builds and works with both;
    NotAdapted where there is no such program yet; `Unavailable` where it cannot be built here; `BuildFailed` where the
    later build fails for a reason that is not the program's source.
    """
    on_the_cpu(framework)
    pairs = [Releases.from_json(one) for one in framework.piece("bindings").releases()]
    pair = next((one for one in pairs if one.case == case.id), None)
    if pair is None:
        raise NotAdapted(f"there is no program for two releases of {framework.name}'s binding {case.id!r} yet")
    older, newer = pair.older, pair.newer
    for project in (older, newer):
        if project.unavailable:
            raise Unavailable(f"{project.artifact}: {project.unavailable}")
    assert _program(older) == _program(newer), f"not one program, unchanged: {older.folder} and {newer.folder}"
    assert older.settings != newer.settings, f"not two releases: both programs are built with {older.artifact}"
    try:
        written_for = build(older, fixtures_dir() / "bindings")
    except BuildFailed as failed:
        raise AssertionError(
            f"the program does not build with {older.artifact}, the earlier of the two: {failed}"
        ) from failed
    said = version(written_for)
    assert said == older.version, f"the program runs with {said!r} of {older.artifact}, not {older.version!r}"
    _works(case, framework, oracle, written_for)
    changed = _changed(case, framework, oracle, newer)
    if not changed:
        seen = (
            f"a program that works with {older.artifact} builds unchanged with {newer.artifact}, and computes the same"
        )
        refuse(Seen(absent=True, evidence=seen))
    case.detail("broken", f"{older.artifact} to {newer.artifact}", changed)
    case.level("hardware")


def _program(project: Project) -> tuple[str, str, str, tuple[str, ...]]:
    return project.folder, project.shared, project.tool, project.rungs


def _works(case: Case, framework: Seam, oracle: Seam, built: Built) -> None:
    for rung in built.project.rungs:
        climb(case, rung, built, framework=framework, oracle=oracle)


def _changed(case: Case, framework: Seam, oracle: Seam, newer: Project) -> str:
    """What the compiler or the running program says of the later release; "" where it works."""
    try:
        built = build(newer, fixtures_dir() / "bindings")
    except BuildFailed as failed:
        if not newer.refusal or not re.search(newer.refusal, str(failed)):
            raise
        return first_complaint(str(failed))
    try:
        said = version(built)
    except ProgramLate as late:
        raise Unavailable(str(late)) from late
    except ProgramFailed as failed:
        return str(failed)
    assert said == newer.version, f"the program runs with {said!r} of {newer.artifact}, not {newer.version!r}"
    figures = dict(case.figures)
    try:
        _works(case, framework, oracle, built)
    except AssertionError as failed:
        # How far off the later one is is no figure of the comparison that held.
        case.figures.clear()
        case.figures.update(figures)
        return str(failed)
    return ""


def first_complaint(said: str) -> str:
    """The first of several errors of a build tool, without the folders of this machine."""
    plain = re.sub(r"; its log is .*", "", said)
    plain = re.sub(r"(?<![\w/])(/[^\s:/]+)+/(?=[^\s/]+:)", "", plain)
    # Maven marks each of its errors; what stands before the first says that it is Maven's.
    before, marked, rest = plain.partition("[ERROR] ")
    return (rest.partition(" [ERROR]")[0] if marked else before).strip()
