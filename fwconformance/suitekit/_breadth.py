"""Libraries that others built on a framework: whether they do their job with its release of today, and how many do."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Mapping, Sequence

import attrs

from fwconformance._archive import cache_folder
from fwconformance.frameworks import Unavailable
from fwconformance.frameworks._libraries import Use
from fwconformance.frameworks._probes import Seen, refuse
from fwconformance.libraries import Installed, Library, State, Used, folder_of, installed, listed, used
from fwconformance.registry import fixtures_dir

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case

#: What the acceptance of ecosystem.breadth asks for.
LIBRARIES, AREAS = 10, 4
_KEPT = 7200.0  # seconds for which a use speaks for the case that counts
_PREPARE = "run `tox -e libraries`, or `python -m fwconformance.libraries` with FWCONFORMANCE_LIBRARIES naming a folder"


def library_places() -> tuple[tuple[str, str], ...]:
    """Every (area, slot) in which some framework has a library, area by area."""
    found = dict.fromkeys((library.area, library.slot) for library in listed().libraries)
    return tuple(sorted(found, key=lambda place: (list(listed().areas).index(place[0]), place[1])))


def check_library(case: Case, framework: Seam, area: str, slot: str) -> None:
    """Assert that the numbers of the library in that place of the list are right.

    Raises Unsupported where it cannot be installed beside the framework's release of today, does not run with it, or
    where none is listed; Unavailable where nothing was prepared, or where it is not for this system.
    """
    library = listed().place(framework.name, area, slot)
    if library is None:
        looked = listed().lacking[area, framework.name]
        refuse(Seen(absent=True, evidence=f"no library for this area in the list: {looked}"))
    found = _prepared(library, framework)
    said = f"{library.requirement} beside {' '.join(library.held.requirements)}"
    if found.state is not State.INSTALLED:
        refuse(Seen(absent=True, evidence=f"{said} cannot be installed: {found.said}"))
    use = _use(library, found)
    what = f"{library.requirement} with {library.held.distribution} {found.version(library.held.distribution)}"
    if not use.works and not use.wrong:  # it ended by an exception
        refuse(Seen(absent=True, evidence=f"{what} does not run: {use.why}"))
    assert use.works, f"{what} gives wrong numbers: {use.why}"
    case.figure("numbers compared", use.compared, "1")
    case.figure("furthest, in tolerances", use.furthest, "1")
    case.figure("run", use.seconds, "s")
    case.level("hardware")


def check_breadth(case: Case, framework: Seam) -> None:
    """Assert that at least `LIBRARIES` in `AREAS` areas do their job; Unsupported, with both numbers, where they do
    not; Unavailable where those that are not for this system would decide.
    """
    counted = _count(case, framework)
    if not _broad(counted.working):
        said = f"{len(counted.working)} of {counted.listed} listed libraries do their job"
        if _broad((*counted.working, *counted.unseen)):
            raise Unavailable(f"{said}, and {len(counted.unseen)} are not for this system: they would decide")
        refuse(Seen(absent=True, evidence=said))
    case.level("hardware")


def check_count(case: Case, framework: Seam) -> None:
    """Count the libraries that were seen to do their job, and beside them those that are not for this system."""
    counted = _count(case, framework)
    assert counted.working, f"none of {counted.listed} listed libraries does its job"
    case.level("hardware")


@attrs.frozen(kw_only=True)
class _Counted:
    listed: int
    working: tuple[Library, ...]
    unseen: tuple[Library, ...]


def _broad(libraries: Sequence[Library]) -> bool:
    return len(libraries) >= LIBRARIES and len(_areas(libraries)) >= AREAS


def _areas(libraries: Sequence[Library]) -> frozenset[str]:
    return frozenset(library.area for library in libraries)


def _count(case: Case, framework: Seam) -> _Counted:
    """Put every listed library to use that was not within the hours before. Raises AssertionError for wrong numbers."""
    libraries = listed().of(framework.name)
    working: list[Library] = []
    unseen: list[Library] = []
    for library in libraries:
        try:
            found = _prepared(library, framework)
        except _NotForThisSystem:
            unseen.append(library)
            continue
        if found.state is State.INSTALLED:
            use = _use(library, found)
            assert use.works or not use.wrong, f"{library.requirement} gives wrong numbers: {use.why}"
            working += [library] if use.works else []
    case.figure("listed", len(libraries), "1")
    case.figure("libraries", len(working), "1")
    case.figure("libraries, not tried", len(unseen), "1")  # the ratio of the claims widens its interval by it
    case.figure("areas", len(_areas(working)), "1")
    return _Counted(listed=len(libraries), working=tuple(working), unseen=tuple(unseen))


class _NotForThisSystem(Unavailable):
    pass


def _prepared(library: Library, framework: Seam) -> Installed:
    """What became of its installation, with the release of the framework that this column has."""
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
        raise _NotForThisSystem(f"{library.requirement} is not for this system: {found.said}")
    return found


def _version(versions: Mapping[str, str], distribution: str) -> str:
    """Of `distribution`, without the name of its build."""
    return versions.get(distribution, "").partition("+")[0]


def _held(library: Library) -> str:
    exact = (each.split("==") for each in library.held.requirements if "==" in each)
    return dict(exact)[library.held.distribution]


def _use(library: Library, found: Installed) -> Used:
    """How its use goes; within the hours after it ended, what was seen then."""
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
    telling = fixtures_dir() / "ecosystem" / "uses" / "shared" / "telling.py"
    settings = [Use.prelude, str(folder_of(library)), library.requirement, sorted(found.versions.items())]
    parts = (library.program.read_bytes(), telling.read_bytes(), json.dumps(settings).encode())
    key = hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()[:32]
    root = cache_folder() or Path(tempfile.gettempdir()) / "fwconformance"
    return root / "uses" / f"{key}.json"
