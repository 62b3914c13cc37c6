"""Writing a journal: every record is one `write` to a file opened for appending, so a crash tears at most the last
line.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import stat
from pathlib import Path
from typing import Any

from fwconformance.evidence import Header, Observation
from fwconformance.shards import _lines, _lock
from fwconformance.shards._reader import Shard, ShardError, read_shard

# What a resumed run need not have in common with the run that it continues.
_OWN = frozenset({"run", "started", "only"})


class JournalError(Exception):
    """The journal cannot be written; the message says where, why, what was kept, and what to do."""


class Journal:
    """An open journal. Use `open_journal`.

    Attributes:
        path: of the file.
        header: as in the file: a resumed journal keeps the `run` and `started` it began with.
        before: what the file held when it was resumed, else None.
    """

    def __init__(self, path: Path, descriptor: int, header: Header, before: Shard | None) -> None:
        self.path = path
        self.header = header
        self.before = before
        self._descriptor = descriptor
        self._observations = len(before.observations) if before else 0

    def start(self, capability: str, case: str, attempt: int = 1) -> None:
        """Say that a case begins."""
        self.write(_lines.start_line(capability, case, attempt))

    def observe(self, observation: Observation) -> None:
        """Keep what a case saw."""
        self.write(_lines.observation_line(observation))
        self._observations += 1

    def observe_line(self, line: str) -> None:
        """Keep an observation already written out by `observation_line`, perhaps in another process."""
        self.write(line)
        self._observations += 1

    def finding(self, finding: str, *, reproduced: bool, message: str) -> None:
        """Keep whether the program of a known finding still shows the fault."""
        payload = {"record": "finding", "id": finding, "reproduced": reproduced, "message": message}
        self.write(_lines.dump(payload))

    def proof(self, sabotage: str, capability: str, case: str, *, killed: bool, message: str) -> None:
        """Keep whether a test fell over a fault planted for it."""
        payload = {"record": "proof", "sabotage": sabotage, "capability": capability, "case": case}
        self.write(_lines.dump({**payload, "killed": killed, "message": message}))

    def end(self, status: int) -> None:
        """Say that the run came to its end, with its exit status."""
        self.write(_lines.dump({"record": "end", "at": now(), "status": int(status)}))

    def write(self, line: str) -> None:
        """Append one record, a line with its newline. Raises JournalError; the file then ends with the record
        before.
        """
        data = line.encode("ascii")
        try:
            written = os.write(self._descriptor, data)
        except OSError as error:
            self._fail(error, 0)
        else:
            if written != len(data):
                # The next write would say why; ask for the reason with the bytes that are left.
                reason = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                try:
                    written += os.write(self._descriptor, data[written:])
                except OSError as error:
                    reason = error
                if written != len(data):
                    self._fail(reason, written)

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        if self._descriptor >= 0:
            _lock.unlock(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Journal:  # noqa: PYI034  Self is newer than Python 3.8
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _fail(self, error: OSError, torn: int) -> None:
        if torn:
            with contextlib.suppress(OSError):  # the reader drops a torn last line as well
                os.ftruncate(self._descriptor, os.lseek(self._descriptor, 0, os.SEEK_END) - torn)
        kept = f"{self._observations} observation{'' if self._observations == 1 else 's'}"
        raise JournalError(
            f"the journal {self.path} cannot be written any further: {error.strerror or error}. It keeps the {kept} "
            "made before; "
            "make room, then continue the run with --fw-resume"
        ) from error


def open_journal(path: str | os.PathLike[str], header: Header, *, resume: bool = False) -> Journal:
    """Begin the journal at `path` with `header`, or continue the one that is there.

    Folders on the way are made. With `resume`, a torn last line is cut off, and a file that is missing or empty is
    begun. Until it is closed no other run may write it.

    Raises JournalError where the file cannot be written, where another run is writing it, where one is there already
    and `resume` was not asked for, or where the header there differs in more than `run`, `started` and `only`;
    ShardError where what is there cannot be read.
    """
    path = Path(path)
    try:
        there = path.stat()
    except FileNotFoundError:
        there = None
    except OSError as error:
        raise _unwritable(path, error) from error
    regular = there is not None and stat.S_ISREG(there.st_mode)
    if there is not None and regular and there.st_size:
        if not resume:
            read_shard(path)
            raise JournalError(f"{path} holds a run already: continue it with --fw-resume, or name another file")
        return _resume(path, header)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(str(path), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    except OSError as error:
        raise _unwritable(path, error) from error
    if (there is None or regular) and not (_lock.lock(descriptor) and os.fstat(descriptor).st_size == 0):
        os.close(descriptor)
        raise JournalError(_lock.busy(path))
    journal = Journal(path, descriptor, header, None)
    return _begin(journal, _lines.header_line(header))


def open_locked(path: Path) -> int:
    """Descriptor of the file at `path`, open for reading and appending, and locked until it is closed.

    Raises JournalError where it cannot be opened, or another run has it.
    """
    try:
        descriptor = os.open(str(path), os.O_RDWR | os.O_APPEND)
    except OSError as error:
        raise _unwritable(path, error) from error
    if not _lock.lock(descriptor):
        os.close(descriptor)
        raise JournalError(_lock.busy(path))
    return descriptor


def _resume(path: Path, header: Header) -> Journal:
    descriptor = open_locked(path)
    try:
        before = _read_same_run(path, header)
        os.ftruncate(descriptor, before.whole_bytes)
    except BaseException as error:
        os.close(descriptor)
        if isinstance(error, OSError):
            raise _unwritable(path, error) from error
        raise
    journal = Journal(path, descriptor, before.header, before)
    return _begin(journal, _lines.dump({"record": "resumed", "at": now()}))


def _read_same_run(path: Path, header: Header) -> Shard:
    before = read_shard(path)
    wanted, found = header.to_json(), before.header.to_json()
    wrong = [
        f"{name} is {_shown(found[name])} there and {_shown(wanted[name])} now" + _inside(found[name], wanted[name])
        for name in sorted(wanted)
        if name not in _OWN and wanted[name] != found[name]
    ]
    if wrong:
        raise JournalError(
            f"{path} is the journal of another run and cannot be continued: {'; '.join(wrong)}. Name another file"
        )
    return before


def _begin(journal: Journal, line: str) -> Journal:
    try:
        journal.write(line)
    except JournalError:
        journal.close()
        raise
    return journal


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(
        f"the journal {path} cannot be written: {error.strerror or error}. Name a file in a folder that can be written"
    )


def _shown(value: Any) -> str:
    return "none" if value in ("", None) else str(value) if not isinstance(value, dict) else "one set"


def _inside(found: Any, wanted: Any) -> str:
    if not (isinstance(found, dict) and isinstance(wanted, dict)):
        return ""
    names = sorted(name for name in {*found, *wanted} if found.get(name) != wanted.get(name))
    return " (" + ", ".join(f"{name}: {found.get(name)} there, {wanted.get(name)} now" for name in names) + ")"


def now() -> str:
    """The time, RFC 3339, UTC, whole seconds."""
    return dt.datetime.now(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


__all__ = ["Journal", "JournalError", "ShardError", "now", "open_journal", "open_locked"]
