"""Commands whose output goes to a file, and steps that are said to people."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Callable, Sequence

from fwconformance.frameworks.caffe.building._errors import BuildError


class Log:
    """Runs commands, their output in a file; says what goes on. `say` is called with lines for people."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self.path = path
        self.say = say

    def step(self, what: str) -> None:
        self.say(f"caffe: {what}")
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"\n== {what}\n")

    def run(self, command: Sequence[str | Path], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
        """Raises BuildError where it cannot be started or fails, with the end of what it said."""
        start = self.path.stat().st_size if self.path.exists() else 0
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(map(str, command))}\n")
            file.flush()
            began = last = time.monotonic()
            try:
                child = subprocess.Popen(
                    list(map(str, command)),
                    cwd=str(cwd or self.path.parent),
                    env={**os.environ, **(env or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                )
            except OSError as error:
                raise BuildError(f"{command[0]} cannot be started: {error.strerror}; log: {self.path}") from error
            try:
                while True:
                    try:
                        status = child.wait(timeout=5)
                        break
                    except subprocess.TimeoutExpired:
                        if time.monotonic() - last >= 30:
                            last = time.monotonic()
                            self.say(f"caffe:   {last - began:.0f} s{_progress(self.path, start)}")
            except BaseException:
                child.kill()
                child.wait()
                raise
        if status:
            raise BuildError(
                f"`{Path(str(command[0])).name}` ended with {status}; the log is {self.path}. {_end(self.path)}"
            )


def _progress(path: Path, start: int) -> str:
    with path.open("rb") as file:
        file.seek(max(start, path.stat().st_size - 2000))
        lines = file.read().decode(errors="replace").splitlines()
    counted = [line for line in lines if line.startswith("[") and "/" in line[:12]]
    return f", {counted[-1].split(']')[0][1:]}" if counted else ""


def _end(path: Path) -> str:
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    wrong = [line for line in lines if "error" in line.lower() or line.startswith("E: ")]
    return "It says: " + (wrong or lines or ["nothing"])[-1][:300]
