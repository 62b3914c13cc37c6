"""Where built programs are kept, what they are found by, and who may write there."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Iterator, Mapping

from fwconformance._archive import cache_folder, files_below
from fwconformance.frameworks import Project

#: Raised when the way of building changes.
RECIPE = 1


def folder() -> Path:
    """Of all programs: ``bindings`` in the user's cache, or below the system's temporary files where there is none."""
    return (cache_folder() or Path(tempfile.gettempdir()) / "fwconformance") / "bindings"


def key(project: Project, sources: Mapping[str, Path], versions: Mapping[str, str]) -> str:
    """32 hexadecimal digits over what a build depends on.

    Args:
        project: its tool, settings (where the framework lies, and its version) and framework version count.
        sources: logical name to folder; names and bytes of all files in them count.
        versions: of the tools.
    """
    total = hashlib.sha256()
    told = {
        "recipe": RECIPE,
        "tool": project.tool,
        "settings": dict(project.settings),
        "version": project.version,
        "versions": dict(versions),
    }
    parts = [json.dumps(told, sort_keys=True).encode()]
    for name, source in sorted(sources.items()):
        for path in files_below(source):
            parts += [f"{name}/{path.relative_to(source).as_posix()}".encode(), path.read_bytes()]
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()[:32]


@contextlib.contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Among the processes of this machine, where the system has such locks; it ends with its process."""
    try:
        import fcntl
    except ImportError:  # Windows: two may build at once, and the first to rename wins
        yield
        return
    with open(os.fspath(lock), "ab") as file:  # noqa: PTH123
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
