"""The file that duels are appended to, looked at before anything is measured."""

from __future__ import annotations

import os
import pathlib
from typing import TYPE_CHECKING

from fwconformance.cli._errors import CommandError, Exit
from fwconformance.cli._output import err

if TYPE_CHECKING:
    from fwconformance.duels import RecordError


def check_output(path: pathlib.Path, option: str) -> None:
    """Raise CommandError where duels cannot be appended to `path`, which `option` named; warn of what it holds torn."""
    from fwconformance.duels import RecordError, read

    folder = path.absolute().parent
    if not folder.is_dir():
        raise CommandError(f"{option} {path}: there is no folder {folder}; make it, or name another file")
    if path.exists() and not path.is_file():
        raise CommandError(f"{option} {path}: is no regular file; name another")
    if not os.access(str(path if path.exists() else folder), os.W_OK):
        raise CommandError(f"{option} {path}: cannot be written; name another file")
    if path.exists():
        try:
            read([path], warn=warn)
        except RecordError as error:
            raise unreadable(error, f"name another file with {option}") from None


def warn(text: str) -> None:
    """Said of what was left out."""
    err(f"warning: {text}")


def unreadable(error: RecordError, instead: str) -> CommandError:
    """What to say where a file cannot be read, and what to do `instead`."""
    from fwconformance.duels import NoDuels

    return CommandError(f"{error}; {instead}" + ("" if isinstance(error, NoDuels) else ", or mend that line"))


def interrupted(path: pathlib.Path, signal: KeyboardInterrupt) -> CommandError:
    """What to say where a session was interrupted that appends to `path`."""
    by = f" by {signal}" if str(signal) else ""
    kept = f"what was measured is in {path}" if path.exists() else "nothing was measured yet"
    return CommandError(f"interrupted{by}; {kept}; the same command goes on", Exit.INTERRUPTED)
