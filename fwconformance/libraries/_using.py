"""Putting a library to use: its program in its own environment, and whether the numbers it told are right."""

from __future__ import annotations

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.libraries._listed import Library
from fwconformance.libraries._places import python_of
from fwconformance.processes import Hung, how_it_ended, run_program
from fwconformance.registry import fixtures_dir

#: Where a program writes what it tells; `fixtures/ecosystem/uses/shared/telling.py` reads it.
_TOLD = "FWCONFORMANCE_TOLD"
_LIMIT = 400.0  # seconds
_SAID = 400  # characters
_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception)\b")


@attrs.frozen(kw_only=True)
class Used:
    """How a use went.

    Attributes:
        works: whether the program ended by itself and every number that it told is right.
        wrong: whether it told a wrong number.
        late: whether it had not ended within its limit; where it neither works, nor is wrong or late, it did not run.
        why: what is wrong, "" where it works.
        compared: how many numbers were.
        furthest: the largest difference, in tolerances.
        seconds: that it took.
    """

    works: bool
    why: str
    wrong: bool = False
    late: bool = False
    compared: int = 0
    furthest: float = 0.0
    seconds: float = 0.0


def used(library: Library, folder: Path, *, prelude: str = "", limit: float = _LIMIT) -> Used:
    """Run the program of `library` in the environment below `folder`.

    `prelude`: Python that runs in the program's process before it, where a fault is planted.
    """
    shared = fixtures_dir() / "ecosystem" / "uses" / "shared"
    # By -c, so that the program's folder is not searched for modules: its files are called as the libraries are.
    code = f"{prelude}\nimport runpy\nrunpy.run_path({str(library.program)!r}, run_name='__main__')"
    with tempfile.TemporaryDirectory(prefix="fwconformance-library-") as place:
        told = Path(place, "told.json")
        home = Path(place, "home")
        home.mkdir()
        environment = {
            "PYTHONPATH": str(shared),
            "PYTHONSAFEPATH": "1",
            "PYTHONHASHSEED": "0",
            _TOLD: str(told),
            # Nothing of the user's is read or written, and what a library would fetch it does not get.
            "HOME": str(home),
            "HF_HUB_OFFLINE": "1",
            "CUDA_VISIBLE_DEVICES": "",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "KERAS_BACKEND": "mxnet" if library.framework == "mxnet" else "tensorflow",
            "DGLBACKEND": "mxnet" if library.framework == "mxnet" else "pytorch",
            "MPLBACKEND": "Agg",
            **{name: "" for name in ("VIRTUAL_ENV", "KERAS_HOME") if name in os.environ},
        }
        try:
            ended = run_program(
                [str(python_of(folder)), "-c", code],
                folder=place,
                limit=limit,
                environment=environment,
                name=library.name,
            )
        except Hung:
            return Used(works=False, why=f"no end after {limit:g} s", late=True, seconds=limit)
        seconds = ended.seconds
        if ended.status != 0:
            how = how_it_ended(ended.status or 0)
            return Used(works=False, why=_last_words(ended.output, place) or how, seconds=seconds)
        try:
            checks = json.loads(told.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return Used(works=False, why="its program told no number", seconds=seconds)
    return _judged(checks, seconds)


def _judged(checks: Sequence[Mapping[str, Any]], seconds: float) -> Used:
    """Whether every check of what the program told holds. Each has what, actual, expected, tolerance."""
    compared, furthest = 0, 0.0
    for check in checks:
        what, tolerance = check["what"], float(check["tolerance"])
        actual, expected = np.asarray(check["actual"], dtype=float), np.asarray(check["expected"], dtype=float)
        if actual.shape != expected.shape or not actual.size:
            why = f"{what}: shape {actual.shape}, not {expected.shape}"
            return Used(works=False, why=why, wrong=True, compared=compared, seconds=seconds)
        if not np.all(np.isfinite(actual)) or not np.all(np.isfinite(expected)):
            return Used(works=False, why=f"{what}: not all finite", wrong=True, compared=compared, seconds=seconds)
        apart = float(np.max(np.abs(actual - expected)))
        compared += actual.size
        furthest = max(furthest, apart / tolerance)
        if apart > tolerance:
            at = np.unravel_index(np.argmax(np.abs(actual - expected)), actual.shape) if actual.shape else ()
            why = f"{what}: {actual[at]:.6g}, not {expected[at]:.6g} within {tolerance:g}"
            return Used(works=False, why=why, wrong=True, compared=compared, furthest=furthest, seconds=seconds)
    if not compared:
        return Used(works=False, why="its program told no number", seconds=seconds)
    return Used(works=True, why="", compared=compared, furthest=furthest, seconds=seconds)


def _last_words(output: str, place: str) -> str:
    """The exception that ended a program, without paths of this machine."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output.replace(place, ""))
    lines = [line for line in plain.splitlines() if line.strip()]
    # A traceback's last line begins at the margin; what follows it is the rest of its message.
    begins = [number for number, line in enumerate(lines) if _ERROR.match(line)]
    said = " ".join(" ".join(lines[begins[-1] :] if begins else lines[-1:]).split())
    words = [word.rpartition("/")[2] if word.count("/") > 1 else word for word in said.split()]
    return " ".join(words)[:_SAID]
