"""Progress for a person: one line that changes on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import shutil
import time
from typing import TextIO


class Line:
    """One line at the end of `stream` that changes: on a terminal that can take it back; elsewhere nothing is shown.

    Attributes:
        live: whether anything is shown.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = False
        self.live = stream.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, text: str, end: str = "") -> None:
        """`text` and `end` in place of what is shown; of `text` as much as the terminal is wide for."""
        if not self.live:
            return
        room = shutil.get_terminal_size().columns - 1
        if len(text) + len(end) > room:
            text = text[: max(0, room - len(end) - 3)] + "..."
        self._stream.write(f"\r\x1b[K{(text + end)[:room]}")
        self._stream.flush()
        self._shown = True

    def clear(self) -> None:
        """Take it away."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._shown = False


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
        self._line = Line(stream)

    def working(self, done: int, name: str, seconds: float) -> None:
        """`name` has been under way for `seconds`. Shown on a terminal only: elsewhere it would fill the log."""
        case = f"{self._what}: case {min(done + 1, self._total)} of {self._total}  {name}  {seconds:.0f} s"
        self._line.show(case, f" (elapsed {self._elapsed()})")

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
        self._line.clear()

    def _elapsed(self) -> str:
        seconds = int(time.monotonic() - self._begun)
        return f"{seconds // 60}:{seconds % 60:02d}"
