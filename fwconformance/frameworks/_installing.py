"""Whether a library can be installed beside today's framework: tried once, when its environment is built.

    python -P -m fwconformance.frameworks._installing autoPyTorch==0.2.1 install.json

It never fails: what the installer says is kept in the file, which the environment names in `FWCONFORMANCE_INSTALLED`,
and is the evidence of a case. Nothing is installed while suites run.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Sequence

from fwconformance.frameworks._probes import Seen, refuse

VARIABLE = "FWCONFORMANCE_INSTALLED"
_LIMIT = 1800
#: Lines in which pip says what went wrong, best first.
_TELLING = (r"^ERROR: (Cannot install|Could not find|No matching|ResolutionImpossible)", r"^\s*\w+Error: ", r"^ERROR: ")


def attempt(requirement: str, kept: Path, command: Sequence[str] = ()) -> str:
    """Install `requirement` into this interpreter and keep what came of it in `kept`; returns that, "" for success.

    Args:
        requirement: as for pip.
        kept: a JSON file with "requirement", "python" and "error".
        command: in place of pip's, which comes to stand before the requirement.
    """
    installer = [
        *(command or (sys.executable, "-m", "pip", "install", "--no-input", "--progress-bar", "off")),
        requirement,
    ]
    done = subprocess.run(installer, capture_output=True, text=True, check=False, timeout=_LIMIT)
    error = "" if done.returncode == 0 else _telling(f"{done.stdout}\n{done.stderr}")
    found = {"requirement": requirement, "python": platform.python_version(), "error": error}
    kept.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return error


def _telling(said: str) -> str:
    lines = said.splitlines()
    found = [line.strip() for pattern in _TELLING for line in lines if re.match(pattern, line)]
    building = [line.strip() for line in lines if re.match(r"\s*Collecting scikit-learn|.*Failed to build", line)]
    return (
        " / ".join(dict.fromkeys([*building[-1:], *found[:2]])) or "the installer ended with an error and said nothing"
    )


def refuse_uninstallable(distribution: str, framework: str) -> None:
    """Raise `Unsupported` where installing `distribution` was tried here and failed; else do nothing."""
    path = os.environ.get(VARIABLE, "")
    if not path or not Path(path).is_file():
        return
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    if found["error"] and found["requirement"].partition("==")[0] == distribution:
        beside = f"`pip install {found['requirement']}` beside {framework} on Python {found['python']}"
        refuse(Seen(absent=True, evidence=f"{beside}: {found['error']}"))


if __name__ == "__main__":
    print(attempt(sys.argv[1], Path(sys.argv[2])) or "installed")
