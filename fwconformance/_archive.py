"""The archive in the wheel: all that only a run needs, as one file instead of hundreds.

pytest lists every file of every distribution that has a pytest entry point, at each start and for everybody, so the
wheel holds few: the entry point, and what programs import that read a matrix. The archive holds the whole tree as a
checkout has it (the package, suites, fixtures), and is unpacked on first use into a folder of the user's cache that is
named by the archive's content: `FWCONFORMANCE_CACHE`, else the platform's own. The package's `__path__` leads there
(`fwconformance/__init__.py`). In a checkout there is no archive, and the folders are used where they lie.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import io
import os
import shutil
import stat
import sys
import tempfile
import time
import zipfile
import zlib
from pathlib import Path
from typing import Iterable, Iterator

#: In the wheel, beside this module.
ARCHIVE = Path(__file__).resolve().parent / "_content.zip"

VARIABLE = "FWCONFORMANCE_CACHE"

#: Rooms and modules of the package that a wheel holds in its archive alone; pyproject.toml excludes the same.
ARCHIVED = (
    "_hypothesis_profile.py",
    "bindings",
    "cli",
    "duels",
    "frameworks",
    "hookspecs.py",
    "libraries",
    "plugin",
    "processes",
    "report",
    "runtimes",
    "suitekit",
    "supervisor",
    "works",
)

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MARK = ".unpacking-"
_ABANDONED = 3600.0  # seconds; an unpacking takes one


class ArchiveError(FileNotFoundError):
    """The archive cannot be read, or unpacked anywhere."""


def files_below(folder: Path) -> Iterator[Path]:
    """Files below `folder` that count, sorted by folder: none that is hidden, no compiled Python."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "__pycache__" or path.suffix in (".pyc", ".pyo"):
            continue
        if path.is_dir():
            yield from files_below(path)
        elif path.is_file():
            yield path


def write_archive(target: Path, roots: Iterable[tuple[str, Path]]) -> None:
    """Write the files below each (logical name, folder) to `target`: the same files, the same bytes.

    Stored, not deflated: the wheel around it compresses, and releases of zlib differ in what they make.
    """
    found = sorted(
        (f"{name}/{path.relative_to(root).as_posix()}", path) for name, root in roots for path in files_below(root)
    )
    with zipfile.ZipFile(str(target), "w", zipfile.ZIP_STORED) as archive:
        for name, path in found:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # Unix, wherever the wheel is built
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, path.read_bytes())


def roots(checkout: Path) -> list[tuple[str, Path]]:
    """(logical name, folder) of what goes into the archive."""
    return [(name, checkout / name) for name in ("fixtures", "fwconformance", "suites")]


@functools.lru_cache(maxsize=None)
def unpacked() -> Path | None:
    """The folder with the archive's content, unpacked and whole; None in a checkout, which has no archive.

    Looked at once a process. Raises ArchiveError.
    """
    try:
        content = ARCHIVE.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArchiveError(f"{ARCHIVE}: {error.strerror}; reinstall fwconformance") from error
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise ArchiveError(f"{ARCHIVE}: damaged ({error}); reinstall fwconformance") from error
    key = hashlib.sha256(content).hexdigest()[:32]
    with archive:
        parent = cache_folder()
        if parent is not None:
            try:
                return _in_cache(archive, parent, key)
            except OSError:
                pass  # read-only, full, or a file where the folder should be
        return _private(archive, key)


def cache_folder() -> Path | None:
    """Where unpacked archives are kept; None where this user has no such place."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).absolute()
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):  # noqa: PTH117  # the XDG specification: a relative one counts as unset
            base = "~/.cache"
    # os.path and not pathlib, which raises where there is no home.
    base = os.path.expanduser(base)  # noqa: PTH111
    return Path(base) / "fwconformance" if Path(base).is_absolute() else None


def _in_cache(archive: zipfile.ZipFile, parent: Path, key: str) -> Path:
    folder = parent / key
    if not folder.is_dir():
        parent.mkdir(parents=True, exist_ok=True)
        _sweep(parent)
        # Beside it, so that the rename stays within one file system: it is there whole or not at all.
        scratch = Path(tempfile.mkdtemp(prefix=f"{_MARK}{key}-", dir=str(parent)))
        try:
            archive.extractall(str(scratch))
            scratch.chmod(0o755)  # mkdtemp makes it private
            try:
                scratch.rename(folder)
            except OSError:
                if not folder.is_dir():  # else another process was faster
                    raise
        finally:
            shutil.rmtree(str(scratch), ignore_errors=True)
    _repair(archive, folder)
    return folder


def _private(archive: zipfile.ZipFile, key: str) -> Path:
    """A folder for this process and those that it starts, which find it by the variable."""
    try:
        parent = Path(tempfile.mkdtemp(prefix="fwconformance-"))
    except OSError as error:
        raise _nowhere(error) from error
    atexit.register(_remove, parent, os.getpid())
    try:
        found = _in_cache(archive, parent, key)
    except OSError as error:
        raise _nowhere(error) from error
    os.environ[VARIABLE] = str(parent)
    return found


def _nowhere(error: OSError) -> ArchiveError:
    return ArchiveError(
        f"the suites cannot be unpacked, neither in {cache_folder() or 'a cache (there is no home folder)'} nor in "
        f"{tempfile.gettempdir()}: {error.strerror or error}; point {VARIABLE} to a writable folder with room"
    )


def _remove(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # a fork inherits what runs at exit
        shutil.rmtree(str(folder), ignore_errors=True)


def _repair(archive: zipfile.ZipFile, folder: Path) -> None:
    """Make `folder` hold exactly the archive's files. Writes nothing where it does.

    File by file, each with one rename: another process may be running the suites that lie there. Raises OSError.
    """
    members = {entry.filename: entry for entry in archive.infolist()}
    for path in list(files_below(folder)):
        if path.is_symlink() or path.relative_to(folder).as_posix() not in members:
            path.unlink()
    for name, entry in members.items():
        path = folder / name
        try:
            whole = zlib.crc32(path.read_bytes()) == entry.CRC
        except OSError:
            whole = False
        if not whole:
            _clear(folder, path)
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, scratch = tempfile.mkstemp(prefix=_MARK, dir=str(path.parent))
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(archive.read(entry))
                Path(scratch).chmod(0o644)
                Path(scratch).replace(path)
            except BaseException:
                Path(scratch).unlink()
                raise


def _clear(folder: Path, path: Path) -> None:
    """Remove what stands in the way of a file at `path`: a folder there, or a file where its folders should be."""
    if path.is_dir():
        shutil.rmtree(str(path))
    for above in path.parents:
        if above == folder:
            return
        if above.exists() and not above.is_dir():
            above.unlink()


def _sweep(parent: Path) -> None:
    """Remove what killed processes left."""
    for path in parent.glob(f"{_MARK}*"):
        try:
            if time.time() - path.stat().st_mtime > _ABANDONED:
                shutil.rmtree(str(path), ignore_errors=True)
        except OSError:
            continue  # another process swept it
