"""What the supervisor itself does to a journal: put an older one aside, add what only it can know."""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
from typing import Iterator

from fwconformance.evidence import Observation, Outcome
from fwconformance.shards import Journal, JournalError, open_locked, read_shard
from fwconformance.supervisor._follow import Attempt


@contextlib.contextmanager
def held(path: pathlib.Path) -> Iterator[None]:
    """Keep the journal at `path`, which may not be there yet, from every other run; our children share it.

    Folders on the way are made. What was not there before is removed where it is empty in the end. Raises JournalError
    where another run is writing it, or it cannot be written.
    """
    there = path.exists()
    made = [folder for folder in path.absolute().parents if not folder.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    except OSError as error:
        raise _unwritable(path, error) from error
    descriptor = open_locked(path)
    try:
        yield
    finally:
        if not there and path.exists() and path.stat().st_size == 0:
            path.unlink()
            with contextlib.suppress(OSError):  # somebody else has put something there
                for folder in made:
                    folder.rmdir()
        os.close(descriptor)


def set_aside(path: pathlib.Path, *, fresh: bool) -> pathlib.Path | None:
    """Make room for a new run at `path`: where `fresh`, a journal that is there already is renamed.

    Returns where it is now, None where there was none. Raises JournalError where there is one and `fresh` is not set,
    ShardError where the file is no journal: then it is somebody's.
    """
    refuse_special(path)
    if not path.exists() or path.stat().st_size == 0:
        return None
    read_shard(path)
    if not fresh:
        raise JournalError(
            f"{path}: holds a run already; go on with it with --resume, or start anew with --fresh, "
            f"which keeps it as {_beside(path).name}"
        )
    aside = _beside(path)
    path.replace(aside)
    return aside


def _beside(path: pathlib.Path) -> pathlib.Path:
    """Where the run at `path` is kept: PATH.previous, PATH.previous-2, ...: an older one that is kept there stays."""
    names = itertools.chain([".previous"], (f".previous-{number}" for number in itertools.count(2)))
    places = (path.with_name(path.name + name) for name in names)
    return next(place for place in places if not os.path.lexists(place))


def refuse_special(path: pathlib.Path) -> None:
    """Raise JournalError where `path` is a device, a pipe or a folder: a journal is read again while it is written."""
    if path.exists() and not path.is_file():
        raise JournalError(f"the journal {path} cannot be written: it is no regular file. Name another")


def bring_back(path: pathlib.Path, aside: pathlib.Path | None) -> bool:
    """Undo `set_aside` where the new run wrote nothing; whether it did."""
    if aside is None or not aside.exists() or (path.exists() and path.stat().st_size > 0):
        return False
    aside.replace(path)
    return True


def continued(path: pathlib.Path, *, ours: bool = False) -> Journal:
    """The journal at `path`, to append to; a torn last line is cut off first.

    `ours`: we hold it already. Raises ShardError; JournalError where it cannot be written, or another run is writing
    it.
    """
    try:
        descriptor = os.open(str(path), os.O_RDWR | os.O_APPEND) if ours else open_locked(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        before = read_shard(path)
        os.ftruncate(descriptor, before.whole_bytes)
    except BaseException as error:
        os.close(descriptor)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise
    return Journal(path, descriptor, before.header, before)


def _unwritable(path: pathlib.Path, error: OSError) -> JournalError:
    return JournalError(f"the journal {path} cannot be written: {error.strerror or error}")


def append_outcome(
    path: pathlib.Path, attempt: Attempt, outcome: Outcome, message: str, *, finding: str | None = None
) -> None:
    """Write what the supervisor, which holds the journal, saw of an attempt that could not report itself.

    `finding`: id of the known finding that explains it. Raises ShardError, JournalError.
    """
    capability, case, number = attempt
    with continued(path, ours=True) as journal:
        key = journal.header.key(capability, case)
        journal.observe(Observation(key=key, attempt=number, outcome=outcome, message=message, finding=finding))
