"""Programs for Node, and the packages that they need: installed once into the user's cache, pinned."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import tempfile
from typing import Iterator

from fwconformance._archive import cache_folder
from fwconformance.frameworks import Unavailable
from fwconformance.processes import Hung, run_program
from fwconformance.runtimes._catalog import Runtime
from fwconformance.runtimes._places import PROGRAMS, Place

_FILES = ("package.json", "package-lock.json")
_PINNED = PROGRAMS / "node"
_INSTALLING = 240.0  # seconds; on a slow line it is tens of megabytes


def places(runtime: Runtime) -> Iterator[Place]:
    """Node with the pinned packages. Raises Unavailable where there is no Node, or they cannot be installed."""
    node = shutil.which("node")
    if node is None:
        raise Unavailable(f"{runtime.package} needs Node and there is no `node` on the path: install Node 18 or newer")
    modules = _installed(runtime)
    program = str(PROGRAMS / runtime.program)
    yield Place(command=(node, program), environment={"FWCONFORMANCE_NODE_MODULES": str(modules)})


def _installed(runtime: Runtime) -> pathlib.Path:
    """The folder `node_modules` with what the lock file names, whole."""
    parent = cache_folder() or pathlib.Path(tempfile.gettempdir()) / "fwconformance"
    content = b"\0".join((_PINNED / name).read_bytes() for name in _FILES)
    folder = parent / f"node-{hashlib.sha256(content).hexdigest()[:32]}"
    if not folder.is_dir():
        npm = shutil.which("npm")
        if npm is None:
            raise Unavailable(f"{runtime.package} is not installed and there is no `npm` on the path: install npm")
        try:
            parent.mkdir(parents=True, exist_ok=True)
            with _one_at_a_time(folder.with_suffix(".lock")):
                if not folder.is_dir():
                    _install(npm, folder, runtime)
        except OSError as error:
            raise Unavailable(
                f"{runtime.package} cannot be installed in the user's cache: {error.strerror or error}"
            ) from error
    return folder / "node_modules"


def _install(npm: str, folder: pathlib.Path, runtime: Runtime) -> None:
    # Beside it, so that the rename stays within one file system: it is there whole or not at all.
    scratch = pathlib.Path(tempfile.mkdtemp(prefix=".installing-node-", dir=str(folder.parent)))
    try:
        for name in _FILES:
            shutil.copy(str(_PINNED / name), str(scratch / name))
        # Packages that a build of their own follows are none of what is pinned here.
        command = (npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        try:
            ended = run_program(command, folder=scratch, limit=_INSTALLING, name="npm ci")
        except Hung as error:
            raise Unavailable(f"{runtime.package} could not be installed: {error}") from error
        if ended.status != 0:
            # Which registry npm asks is the user's affair, and none of a report's.
            output = re.sub(r"https?://\S+", "the registry", ended.output)
            lines = [line for line in output.splitlines() if line.strip()]
            raise Unavailable(
                f"{runtime.package} could not be installed: npm said: {' | '.join(lines[-4:])[-400:] or 'nothing'}"
            )
        scratch.rename(folder)
    finally:
        shutil.rmtree(str(scratch), ignore_errors=True)


@contextlib.contextmanager
def _one_at_a_time(lock: pathlib.Path) -> Iterator[None]:
    """Among the processes of this machine, where the system has such locks; it ends with its process."""
    try:
        import fcntl
    except ImportError:  # Windows: two may install at once, and the first to rename wins
        yield
        return
    with open(os.fspath(lock), "ab") as file:  # noqa: PTH123
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
