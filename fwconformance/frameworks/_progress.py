"""How workers that are watched from outside say how far they are: files in a folder that all know."""

from __future__ import annotations

import os
import pathlib
import time


def report(folder: str, step: int, rank: int) -> None:
    """Say that this worker has done `step`: a file with its process id, there at once or not at all."""
    path = pathlib.Path(folder) / f"step-{step}-{rank}"
    partial = path.with_suffix(".part")
    partial.write_text(str(os.getpid()), encoding="utf-8")
    partial.replace(path)


def await_go(folder: str) -> None:
    """Until the file ``go`` is in `folder`."""
    while not (pathlib.Path(folder) / "go").exists():
        time.sleep(0.02)
