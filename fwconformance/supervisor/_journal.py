"""What the supervisor itself does to a journal: put an older one aside, add what only it can know."""

from __future__ import annotations

import os
import pathlib

from fwconformance.evidence import Observation, Outcome
from fwconformance.shards import Journal, JournalError, read_shard
from fwconformance.supervisor._follow import Attempt


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
            f"which keeps it as {path.name}.previous"
        )
    aside = path.with_name(path.name + ".previous")
    path.replace(aside)
    return aside


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


def continued(path: pathlib.Path) -> Journal:
    """The journal at `path`, to append to; a torn last line is cut off first. Raises ShardError, JournalError."""
    before = read_shard(path)
    try:
        descriptor = os.open(str(path), os.O_RDWR | os.O_APPEND)
        os.ftruncate(descriptor, before.whole_bytes)
    except OSError as error:
        raise JournalError(f"the journal {path} cannot be written: {error.strerror or error}") from error
    return Journal(path, descriptor, before.header, before)


def append_outcome(path: pathlib.Path, attempt: Attempt, outcome: Outcome, message: str) -> None:
    """Write what the supervisor saw of an attempt that could not report itself. Raises ShardError, JournalError."""
    capability, case, number = attempt
    with continued(path) as journal:
        key = journal.header.key(capability, case)
        journal.observe(Observation(key=key, attempt=number, outcome=outcome, message=message))
