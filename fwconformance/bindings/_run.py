"""One rung of one program, in a process of its own."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any, Mapping

from fwconformance.bindings._build import Built
from fwconformance.bindings._errors import ProgramFailed, ProgramLate
from fwconformance.bindings._exchange import Answer, read_output, write_input
from fwconformance.processes import Ended, Hung, how_it_ended, run_program

Array = Any  # numpy.ndarray


def run(
    built: Built,
    rung: str,
    folder: Path,
    *,
    tensors: Mapping[str, Array],
    numbers: Mapping[str, float] | None = None,
    files: Mapping[str, str] | None = None,
    limit: float = 60.0,
) -> Answer:
    """What the program answers at `rung`, in `folder`, where the files that it is given lie already.

    Args:
        built: the program.
        rung: one that it offers.
        folder: its ``input.json`` is written there, and what it saves.
        tensors: by name; float32 or float64.
        numbers: by name.
        files: name to path below `folder`.
        limit: seconds.

    Raises `ProgramFailed` where it dies, ends with an error or leaves no answer, `ProgramLate` where it does not end.
    """
    if (folder / "output.json").exists():
        (folder / "output.json").unlink()
    write_input(folder, tensors, numbers or {}, files or {})
    ended = _call(built, (rung, str(folder)), limit)
    return read_output(folder, ended.seconds, _brief(ended.output))


def version(built: Built, *, limit: float = 60.0) -> str:
    """The last line that ``<program> version`` prints, without blanks around it: a library may log while it is loaded,
    depending on the processor. Raises `ProgramFailed`.
    """
    lines = _call(built, ("version",), limit).output.strip().splitlines()
    return lines[-1].strip() if lines else ""


def _call(built: Built, arguments: tuple[str, ...], limit: float) -> Ended:
    what = f"{built.project.folder} {arguments[0]}"
    with tempfile.TemporaryDirectory(prefix="fwconformance-binding-") as scratch:
        try:
            ended = run_program(
                (*built.command, *arguments),
                folder=scratch,
                limit=limit,
                environment=built.project.environment,
                name=what,
            )
        except Hung as hung:
            raise ProgramLate(str(hung)) from hung
    status = ended.status or 0
    if status < 0:
        raise ProgramFailed(f"{what}: the process died ({how_it_ended(status)}); it printed: {_brief(ended.output)}")
    if status:
        raise ProgramFailed(f"{what}: the program ended with exit code {status}; it printed: {_brief(ended.output)}")
    return ended


def _brief(text: str) -> str:
    # Some libraries colour what they print, whoever reads it.
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    lines = [line.strip() for line in plain.splitlines() if line.strip()]
    return " | ".join(lines[:6])[:700] or "nothing"
