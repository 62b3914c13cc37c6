"""Progress for a person: one line that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import time
from typing import TextIO


class Progress:
    """Writes to `stream`; "case n of m" counts the cases that have a result.

    Args:
        stream: usually standard error.
        total: how many cases are planned.
        what: what stands before each line ("keras on jax").
    """

    def __init__(self, stream: TextIO, total: int, what: str) -> None:
        self._stream = stream
        self._total = total
        self._what = what
        self._begun = time.monotonic()
        self._live = stream.isatty()
        self._shown = False

    def working(self, done: int, name: str, seconds: float) -> None:
        """`name` has been under way for `seconds`. Shown on a terminal only: elsewhere it would fill the log."""
        if self._live:
            self._line(f"{self._what}: case {min(done + 1, self._total)} of {self._total}  {name}  {seconds:.0f} s")

    def finished(self, done: int, name: str, outcome: str, seconds: float | None) -> None:
        """`name` has a result."""
        took = f"{seconds:.1f} s" if seconds is not None else ""
        self.say(
            f"{self._what}: {done:>3} of {self._total}  {name:<36} {outcome:<11} {took:>8}  (elapsed {self._elapsed()})"
        )

    def say(self, text: str) -> None:
        """A line that stays."""
        self.clear()
        self._stream.write(text.rstrip() + "\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the changing line away."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False

    def _line(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        self._stream.write(f"\r\x1b[K{text} (elapsed {self._elapsed()})"[: width + 4])
        self._stream.flush()
        self._shown = True

    def _elapsed(self) -> str:
        seconds = int(time.monotonic() - self._begun)
        return f"{seconds // 60}:{seconds % 60:02d}"
