"""Where suites and fixtures lie, and the hash of their content: equal in a checkout and in the installed wheel."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from fwconformance._archive import files_below, unpacked

_PACKAGE = Path(__file__).resolve().parent.parent


def suites_dir() -> Path:
    """The folder of the bundled suites: beside the package in a checkout, else unpacked from the archive inside it.

    Raises FileNotFoundError where neither is there.
    """
    return _folder("suites")


def fixtures_dir() -> Path:
    """The folder of the bundled fixtures: beside the package in a checkout, else unpacked from the archive inside it.

    Raises FileNotFoundError where neither is there.
    """
    return _folder("fixtures")


@functools.lru_cache(maxsize=None)
def suite_content() -> str:
    """Content hash ("sha256:...") of what decides a result: suites, fixtures, adapters, and what the suites work with.

    Needs no git; computed once a process. Hidden files and compiled Python do not count.
    """
    roots = [("suites", suites_dir()), ("fixtures", fixtures_dir())]
    rooms = ("bindings", "frameworks", "libraries", "runtimes", "suitekit", "works")
    roots += [(room, _root() / "fwconformance" / room) for room in rooms]
    return content_hash(tuple(roots))


def content_hash(roots: tuple[tuple[str, Path], ...]) -> str:
    """Hash ("sha256:...") of the logical path and bytes of each file below `roots` (logical name, folder), sorted."""
    found = (
        (f"{name}/{path.relative_to(root).as_posix()}", path) for name, root in roots for path in files_below(root)
    )
    total = hashlib.sha256()
    for logical, path in sorted(found):
        # Length-prefixed, so that no file's end can pass for the next one's name.
        for part in (logical.encode("utf-8"), path.read_bytes()):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return f"sha256:{total.hexdigest()}"


def _root() -> Path:
    return unpacked() or _PACKAGE.parent


def _folder(name: str) -> Path:
    folder = _root() / name
    if folder.is_dir():
        return folder
    raise FileNotFoundError(
        f"fwconformance's {name} are missing: neither an archive in the package nor {name}/ beside it; "
        "reinstall fwconformance"
    )
