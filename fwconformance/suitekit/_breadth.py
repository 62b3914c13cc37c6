"""Libraries that others built on a framework: whether they do their job with its release of today, and how many do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

import attrs

from fwconformance.frameworks import Unavailable
from fwconformance.frameworks._probes import Seen, refuse
from fwconformance.libraries import Library, State, listed
from fwconformance.suitekit._libraries import NotForThisSystem, judge, prepared, use_of

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case

#: What the acceptance of ecosystem.breadth asks for.
LIBRARIES, AREAS = 10, 4


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
    judge(case, library, prepared(library, framework))


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
            found = prepared(library, framework)
        except NotForThisSystem as newer:
            unseen.append(library)
            case.detail("not tried", library.requirement, str(newer))
            continue
        if found.state is not State.INSTALLED:
            case.detail("not installed", library.requirement, found.said)
            continue
        use = use_of(library, found)
        assert use.works or not use.wrong, f"{library.requirement} gives wrong numbers: {use.why}"
        if use.works:
            working.append(library)
            case.detail("does its job", library.requirement, f"{use.compared} numbers compared")
        else:
            case.detail("does not run", library.requirement, use.why)
    case.figure("listed", len(libraries), "1")
    case.figure("libraries", len(working), "1")
    case.figure("libraries, not tried", len(unseen), "1")  # the ratio of the claims widens its interval by it
    case.figure("areas", len(_areas(working)), "1")
    return _Counted(listed=len(libraries), working=tuple(working), unseen=tuple(unseen))
