"""Reading TOML files with errors that name the file and the line."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Sequence

_toml: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


class RegistryError(Exception):
    """The registry cannot be used. `problems`: every fault found, each "file: id: what is wrong; what to do"."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__("\n".join([f"the registry has {count} problem{'' if count == 1 else 's'}:", *self.problems]))


def read_toml(path: Path, problems: list[str]) -> dict[str, Any]:
    """The document in `path`; an empty one, with a problem added, where it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problems.append(f"{path.name}: the file cannot be read: {reason}; look at {path}")
        return {}
    except UnicodeDecodeError as error:
        problems.append(f"{path.name}: not UTF-8 at byte {error.start}; save it as UTF-8")
        return {}
    try:
        document: dict[str, Any] = _toml.loads(text)
    except _toml.TOMLDecodeError as error:
        problems.append(f"{path.name}: malformed TOML: {error}; correct that line")
        return {}
    return document
