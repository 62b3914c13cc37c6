"""A library in the environment that was prepared for it: what became of its installation, and how its use goes."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Mapping

import attrs

from fwconformance._archive import cache_folder
from fwconformance.frameworks import Unavailable
from fwconformance.frameworks._libraries import Use
from fwconformance.frameworks._probes import Seen, refuse
from fwconformance.libraries import Installed, Library, State, Used, folder_of, installed, used
from fwconformance.registry import fixtures_dir

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case

_KEPT = 7200.0  # seconds for which a use speaks for the case that counts
_PREPARE = "run `tox -e libraries`, or `python -m fwconformance.libraries` with FWCONFORMANCE_LIBRARIES naming a folder"


class NotForThisSystem(Unavailable):
    """What it needs is published for newer systems alone."""


def judge(case: Case, library: Library, found: Installed) -> None:
    """Put `library` to use and assert that its numbers are right; Unsupported where it is not installed, or does not
    run.
    """
    said = f"{library.requirement} beside {' '.join(library.held.requirements)}"
    if found.state is not State.INSTALLED:
        refuse(Seen(absent=True, evidence=f"{said} cannot be installed: {found.said}"))
    use = use_of(library, found)
    what = f"{library.requirement} with {library.held.distribution} {found.version(library.held.distribution)}"
    if not use.works and not use.wrong:  # it ended by an exception
        refuse(Seen(absent=True, evidence=f"{what} does not run: {use.why}"))
    assert use.works, f"{what} gives wrong numbers: {use.why}"
    case.figure("numbers compared", use.compared, "1")
    case.figure("furthest, in tolerances", use.furthest, "1")
    case.figure("run", use.seconds, "s")
    case.level("hardware")


def prepared(library: Library, framework: Seam) -> Installed:
    """What became of its installation, with the release of the framework that this column has.

    Raises Unavailable where the column is another, or nothing was prepared; NotForThisSystem.
    """
    if framework.device.split(":")[0] != "cpu":
        raise Unavailable(f"libraries are put to use on the CPU here, not on {framework.device} yet")
    if framework.backend not in ("", "tensorflow"):
        raise Unavailable(
            f"libraries on Keras are put to use on its TensorFlow backend, not on {framework.backend} yet"
        )
    here, held = _version(framework.versions(), library.held.distribution), _held(library)
    if here != held:
        raise Unavailable(
            f"the list holds {library.held.distribution} {held}, and this environment has {here or 'none'}"
        )
    found = installed(library, folder_of(library))
    if found is None:
        raise Unavailable(f"{library.requirement} was not prepared: {_PREPARE}")
    if found.state is State.UNFIT:
        raise NotForThisSystem(f"{library.requirement} is not for this system: {found.said}")
    return found


def _version(versions: Mapping[str, str], distribution: str) -> str:
    """Of `distribution`, without the name of its build."""
    return versions.get(distribution, "").partition("+")[0]


def _held(library: Library) -> str:
    exact = (each.split("==") for each in library.held.requirements if "==" in each)
    return dict(exact)[library.held.distribution]


def use_of(library: Library, found: Installed) -> Used:
    """How its use goes; within the hours after it ended, what was seen then. Raises Unavailable where it has no end."""
    place = _place(library, found)
    try:
        if time.time() - place.stat().st_mtime < _KEPT:
            return Used(**json.loads(place.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        pass
    use = used(library, folder_of(library), prelude=Use.prelude)
    if use.late:  # that may be this machine's
        raise Unavailable(f"{library.requirement}: {use.why}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f"{place.name}.{os.getpid()}")
        part.write_text(json.dumps(attrs.asdict(use)), encoding="utf-8")
        part.replace(place)
    except OSError:  # a cache that cannot be written costs another use, nothing else
        pass
    return use


def _place(library: Library, found: Installed) -> Path:
    shared = sorted((fixtures_dir() / "ecosystem" / "uses" / "shared").glob("*.py"))
    settings = [Use.prelude, str(folder_of(library)), library.requirement, sorted(found.versions.items())]
    programs = [path.read_bytes() for path in (library.program, *shared)]
    parts = (*programs, json.dumps(settings).encode())
    key = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()[:32]
    root = cache_folder() or Path(tempfile.gettempdir()) / "fwconformance"
    return root / "uses" / f"{key}.json"
