"""Installing a library beside its framework's release of today, or what the resolver said where that cannot be."""

from __future__ import annotations

import enum
import hashlib
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Mapping, Sequence

import attrs

from fwconformance.libraries._listed import Library
from fwconformance.libraries._places import python_of
from fwconformance.processes import Ended, Hung, run_program

_RECORD = "installed.json"
_LIMIT = 1200.0  # seconds for one library: some build from their sources
_KEPT = 900  # characters of what a resolver or a build said
_DRAWN = " \t\u2502\u251c\u2570\u2500\u25b6\u00d7"  # what uv frames its messages with
_NEWER = "x86_64-manylinux_2_40"  # the newest C library that uv knows by name

# What stands in the environment, asked of it: versions, and of one distribution what it requires and says of itself.
_ASK = """
import json, re, sys
from importlib import metadata
found = {re.sub(r"[-_.]+", "-", each.metadata["Name"] or "").lower(): each for each in metadata.distributions()}
library = found[re.sub(r"[-_.]+", "-", sys.argv[1]).lower()]
json.dump({
    "versions": {name: each.version for name, each in found.items() if name},
    "requires": library.requires or [],
    "summary": library.metadata.get("Summary") or "",
    "python": "%d.%d" % sys.version_info[:2],
}, open(sys.argv[2], "w"))
"""


class State(enum.Enum):
    """What became of an installation."""

    INSTALLED = "installed"
    REFUSED = "refused"  # by the resolver: no set of releases fits
    FAILED = "failed"  # a distribution could not be built, or not in time
    UNFIT = "unfit"  # not for this system: what it needs is published for a newer one alone


class Unreachable(Exception):
    """The index did not give the framework alone either: nothing is known about the library."""


@attrs.frozen(kw_only=True)
class Installed:
    """What became of one installation.

    Attributes:
        state: whether the library stands in its environment now.
        said: what the resolver or the build said, "" where all went well.
        versions: of what was installed, by distribution.
        requires: what the library's own metadata require.
        summary: what they say it is.
        python: version of the interpreter.
        against: what the resolver said before the library's own requirements were set aside, "" where they were not.
    """

    state: State
    said: str = ""
    versions: Mapping[str, str] = attrs.field(factory=dict)
    requires: tuple[str, ...] = ()
    summary: str = ""
    python: str = ""
    against: str = ""

    def version(self, distribution: str) -> str:
        """Of `distribution`, however its name is written; "" where it is not there."""
        sought = _normal(distribution)
        return next((version for name, version in self.versions.items() if _normal(name) == sought), "")


def installer() -> str:
    """Path of uv: beside this interpreter, or on the path. Raises FileNotFoundError, saying what to do."""
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.is_file() else shutil.which("uv")
    if found is None:
        raise FileNotFoundError("uv is not here: pip install uv, or run `tox -e libraries`")
    return found


def install(library: Library, folder: Path, *, uv: str, options: Sequence[str] = ()) -> Installed:
    """Install `library` into `folder`, anew, and keep there what became of it.

    `options`: of uv's resolver, such as an index of one's own. Raises Unreachable, and keeps nothing then.
    """
    shutil.rmtree(str(folder), ignore_errors=True)
    folder.mkdir(parents=True)
    found = _installed(library, folder, uv, options)
    if found.state is not State.INSTALLED:  # half an environment is of no use to anybody
        shutil.rmtree(str(folder / "environment"), ignore_errors=True)
    record = {**attrs.asdict(found), "state": found.state.value, "key": _key(library)}
    (folder / _RECORD).write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return found


def installed(library: Library, folder: Path) -> Installed | None:
    """What is kept in `folder`; None where nothing is, or where it was for another entry of the list."""
    try:
        record: dict[str, Any] = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        if record.pop("key") != _key(library):
            return None
        return Installed(
            state=State(record["state"]),
            said=record["said"],
            versions=record["versions"],
            requires=tuple(record["requires"]),
            summary=record["summary"],
            python=record["python"],
            against=record.get("against", ""),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _installed(library: Library, folder: Path, uv: str, options: Sequence[str]) -> Installed:
    """On the first Python on which it can be done; what was said on the first that is here, where on none."""
    young = ("--exclude-newer", f"{library.checked}T23:59:59Z", *options)
    first: Installed | None = None
    why = "none of these Pythons is on this machine"
    for version in library.held.pythons:
        made = _run([uv, "venv", "--quiet", "--clear", "--python", version, str(folder / "environment")], folder)
        if made.status != 0:
            continue  # that interpreter is not on this machine
        try:
            found = _on_this_python(library, folder, [uv, "pip", "install", "--python", str(python_of(folder)), *young])
        except Unreachable as error:  # the framework alone is not to be had on this Python either
            why = str(error)
            continue
        if found.state is State.INSTALLED:
            return found
        first = first or found
    if first is None:
        raise Unreachable(f"{library.held.distribution} on Python {', '.join(library.held.pythons)}: {why}")
    return first


def _on_this_python(library: Library, folder: Path, command: Sequence[str]) -> Installed:
    asked = [library.requirement, *library.held.requirements, *library.beside]
    try:
        ended, against = _run([*command, *asked], folder), ""
        if library.overrides and _is_refusal(ended):
            aside = folder / "overrides.txt"
            aside.write_text("\n".join(library.overrides) + "\n", encoding="utf-8")
            against = _said(ended.output, folder)
            ended = _run([*command, "--override", str(aside), *asked], folder)
    except Hung:
        return Installed(state=State.FAILED, said=f"no end after {_LIMIT:g} s")
    if ended.status != 0:
        without = _run([*command, "--dry-run", *library.held.requirements], folder)
        if without.status != 0:
            alone = " ".join(library.held.requirements)
            raise Unreachable(f"{alone} cannot be had: {_said(without.output, folder)}")
        if "matching platform tag" in ended.output:
            newer = _run([*command, "--dry-run", "--python-platform", _NEWER, *asked], folder)
            if newer.status == 0:
                return Installed(state=State.UNFIT, said=_said(ended.output, folder))
        state = State.REFUSED if _is_refusal(ended) else State.FAILED
        return Installed(state=state, said=_said(ended.output, folder))
    if library.afterwards:
        _run([*command, "--no-deps", *library.afterwards], folder)
    told_in = folder / "told.json"
    answer = _run([str(python_of(folder)), "-c", _ASK, library.name, str(told_in)], folder)
    if answer.status != 0:
        return Installed(state=State.FAILED, said=f"its metadata cannot be read: {_said(answer.output, folder)}")
    told = json.loads(told_in.read_text(encoding="utf-8"))
    return Installed(
        state=State.INSTALLED,
        versions=told["versions"],
        requires=tuple(told["requires"]),
        summary=told["summary"],
        python=told["python"],
        against=against,
    )


def _is_refusal(ended: Ended) -> bool:
    return ended.status != 0 and "No solution found" in ended.output


def _run(command: Sequence[str], folder: Path) -> Ended:
    # Nothing of the interpreter that asks may be seen by the one that is asked.
    alone = {"PYTHONPATH": "", "VIRTUAL_ENV": "", "NO_COLOR": "1", "UV_NO_PROGRESS": "1", "PYTHONSAFEPATH": "1"}
    return run_program(command, folder=folder, limit=_LIMIT, environment=alone, name="installer")


def _said(output: str, folder: Path) -> str:
    """What an installer printed, in one line: no drawings, no address, no path of this machine."""
    text = output.replace(str(folder), "")
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = re.sub(r"https?://\S+", "(address)", text)
    text = re.sub(r"(?<![\w.])/(?:[\w.+-]+/)+", "", text)
    lines = [line.strip(_DRAWN) for line in text.splitlines()]
    begins = next((number for number, line in enumerate(lines) if line.startswith(("error:", "No solution"))), 0)
    said = " ".join(" ".join(lines[begins:]).split())
    return said if len(said) <= _KEPT else f"{said[: _KEPT // 2]} [...] {said[-_KEPT // 2 :]}"


def _key(library: Library) -> str:
    parts = [library.requirement, library.checked, *library.held.pythons, *library.held.requirements, *library.beside]
    parts += [*library.afterwards, *library.overrides]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
