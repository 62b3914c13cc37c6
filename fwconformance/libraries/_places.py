"""Where the libraries' environments lie."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from fwconformance._archive import cache_folder
from fwconformance.libraries._listed import Library

#: Names the folder that ``python -m fwconformance.libraries`` installs into; default: one in the user's cache.
VARIABLE = "FWCONFORMANCE_LIBRARIES"


def root() -> Path:
    """The folder that holds one folder for each library."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).absolute()
    return (cache_folder() or Path(tempfile.gettempdir()) / "fwconformance") / "libraries"


def folder_of(library: Library) -> Path:
    """The folder of one library: its environment, and what its installation said."""
    return root() / f"{library.framework}-{library.name}"


def python_of(folder: Path) -> Path:
    """The interpreter of the environment in a library's folder."""
    return folder / "environment" / "bin" / "python"
