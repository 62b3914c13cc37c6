"""Standard output and error that last as long as the command: with nobody at the other end, and in any encoding.

What is printed is for whoever reads it. Whether someone does changes neither what is done nor the exit code.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import Any, Iterator, TextIO

#: The other end is gone: a pipe's reader ended (head, grep -q), a terminal was closed.
_GONE = frozenset({errno.EPIPE, errno.EIO})


@contextlib.contextmanager
def lasting_streams() -> Iterator[None]:
    """Inside, `sys.stdout` and `sys.stderr` are there, and writing to them fails only where a file that was to keep
    the output cannot: once, for standard output alone.

    Streams that somebody else put in their place (pytest's capture) are left as they are.
    """
    _open_closed()
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _lasting(sys.stdout, 1), _lasting(sys.stderr, 2)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _open_closed() -> None:
    """Let descriptors 0 to 2 lead nowhere where the shell closed them (`>&-`): the next file to be opened would get
    that number, and what is printed with it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened == number:
                os.set_inheritable(number, True)
            else:
                os.dup2(opened, number)
                os.close(opened)


def _lasting(stream: TextIO | None, number: int) -> TextIO:
    encoding, errors = "utf-8", "backslashreplace"
    if stream is not None:
        if type(stream) is not io.TextIOWrapper:
            return stream
        encoding = stream.encoding
        # Somebody chose another way of showing what the encoding lacks; these two are defaults, and raise.
        if stream.errors not in ("strict", "surrogateescape"):
            errors = str(stream.errors)
        stream.flush()
        number = stream.fileno()
    raw = _Raw(number, needed=stream is sys.stdout)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding=encoding, errors=errors, line_buffering=True)


class _Raw(io.FileIO):
    """Writes to a descriptor until that fails; from then on to nowhere.

    `needed`: the first failure is raised, but where the other end is gone.
    """

    def __init__(self, number: int, *, needed: bool) -> None:
        super().__init__(number, "w", closefd=False)
        self._needed = needed
        self._failed = False

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        if self._failed:
            return size
        try:
            return super().write(data)
        except OSError as error:
            self._failed = True
            if self._needed and error.errno not in _GONE:
                raise
            return size
