"""A child that answers questions: one JSON line each way, over a channel that its own printing cannot disturb."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import select
import socket
import time
from types import TracebackType
from typing import IO, Any, Mapping, Sequence

from fwconformance.processes._child import Child
from fwconformance.processes._words import how_it_ended

#: Environment variable in which the child finds the number of its end of the channel.
CHANNEL = "FWCONFORMANCE_CHANNEL"
_CHUNK = 65536
_KEPT = 4000  # characters of the log's end in a message


class Lost(Exception):
    """No answer: the child ended, or the limit passed. The message says which, with the end of what it printed."""


class Dialogue:
    """A child in a group of its own that is asked one question at a time. Leaving the context ends it.

    Args:
        name: of the child, in messages.
        command: what to run, without a shell.
        cwd: where.
        env: its whole environment; `CHANNEL` is added, and PYTHONUNBUFFERED.
        log: file that its output goes to.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, cwd: pathlib.Path, env: Mapping[str, str], log: pathlib.Path
    ) -> None:
        self.name = name
        self._log = log
        self._file: IO[bytes] = log.open("wb")
        self._ours, theirs = socket.socketpair()
        with theirs:
            self._child = Child(
                command,
                cwd=cwd,
                # Unbuffered, since a child that dies by a signal would take what it printed along.
                env={**env, CHANNEL: str(theirs.fileno()), "PYTHONUNBUFFERED": "1"},
                log=self._file,
                pass_fds=(theirs.fileno(),),
            )
        self._unread = b""

    def __enter__(self) -> Dialogue:  # noqa: PYI034  typing.Self is younger than Python 3.8
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def pid(self) -> int:
        return self._child.pid

    def put(self, question: Mapping[str, Any]) -> None:
        """Put a question whose `answer` is waited for later."""
        # A child that is gone has no answer, which `answer` says.
        with contextlib.suppress(OSError):
            self._ours.sendall(json.dumps(question).encode() + b"\n")

    def answer(self, *, limit: float) -> dict[str, Any]:
        """The answer to the question that was put. Raises `Lost` after `limit` seconds, or where the child ended; it is
        gone then.
        """
        deadline = time.monotonic() + limit
        while b"\n" not in self._unread:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))
            try:
                received = self._ours.recv(_CHUNK) if ready else b""
            except OSError:
                received = b""
            if not received:
                raise self._lost(limit)
            self._unread += received
        line, _, self._unread = self._unread.partition(b"\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def pause(self) -> None:
        """Halt it between questions, so that threads of its own that wait by spinning take no time from others."""
        self._child.pause()

    def resume(self) -> None:
        """Let it go on."""
        self._child.resume()

    def end(self) -> None:
        """It and everything it started are gone afterwards."""
        self._child.kill()
        self._ours.close()
        self._file.close()

    def _lost(self, limit: float) -> Lost:
        self._child.wait(1.0)  # a child that closed the channel is about to end
        status = self._child.poll()
        how = f"did not answer within {limit:g} s" if status is None else how_it_ended(status)
        self._child.kill()
        self._file.flush()
        with self._log.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _KEPT))
            said = file.read().decode(errors="replace").strip()
        return Lost(f"{self.name} {how}" + (f"; the end of what it printed:\n{said}" if said else ""))


class Listener:
    """The child's end of a `Dialogue`. Raises RuntimeError where nobody asks."""

    def __init__(self) -> None:
        number = os.environ.pop(CHANNEL, "")
        if not number.isdigit():
            raise RuntimeError(f"no channel to answer on: whoever asks sets {CHANNEL}")
        os.set_inheritable(int(number), False)
        self._stream = socket.socket(fileno=int(number)).makefile("rwb")

    def question(self) -> dict[str, Any] | None:
        """The next question; None once nobody asks any more."""
        line = self._stream.readline()
        return json.loads(line) if line else None

    def answer(self, answer: Mapping[str, Any]) -> None:
        """Answer the last question."""
        self._stream.write(json.dumps(answer).encode() + b"\n")
        self._stream.flush()
