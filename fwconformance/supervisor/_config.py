"""The private configuration of a child: its folder, its ini, its environment variables, its command line.

Nothing of the project it is started in reaches the child: not its ini or conftest, not PYTEST_ADDOPTS, not a folder
that is called like
a framework. Nothing is written outside the private folder but the journal: suites may lie in a site-packages that is
read-only.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import shutil
import sys
import tempfile
from typing import Mapping, Sequence

import attrs

from fwconformance.shards import HOLDER

PACKAGE = pathlib.Path(__file__).resolve().parent.parent
_SCRIPT = PACKAGE / "supervisor" / "_child.py"

_INI = """\
[pytest]
addopts =
# A framework's deprecation warnings are no result of ours.
filterwarnings =
    default
"""

# They change how Python or pytest behaves in ways that no result may depend on (-O strips the suites' assertions).
_DROPPED = ("PYTHONSTARTUP", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "PYTHONINSPECT", "PYTHONBREAKPOINT")


FAULTS = "FWCONFORMANCE_FAULTS"  # tells `_faults`, in a child, what to do


@attrs.frozen(kw_only=True)
class Target:
    """What the child is to load.

    Attributes:
        framework: canonical name. backend: "" for the default. device: "cpu", "cuda", "tpu" or "auto".
        python: the interpreter that has it.
    """

    framework: str
    backend: str
    device: str
    python: str = sys.executable


class Workplace:
    """A private folder; `close` removes it."""

    def __init__(self) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fwconformance-"))
        self.cwd = self.folder / "cwd"
        self.cwd.mkdir()
        self.ini = self.folder / "pytest.ini"
        self.ini.write_text(_INI, encoding="utf-8")
        self.log = self.folder / "child.log"
        self.stages = self.folder / "stages.jsonl"

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(str(self.folder), ignore_errors=True)

    def stage(self) -> dict[str, str]:
        """The last stage that the current child wrote; {} before the first."""
        with contextlib.suppress(OSError, ValueError):
            lines = self.stages.read_text(encoding="utf-8").splitlines()
            if lines:
                found: dict[str, str] = json.loads(lines[-1])
                return found
        return {}

    def command(self, target: Target, arguments: Sequence[str], *, task: str = "run") -> list[str]:
        """The command for a child, with `arguments` for pytest behind our own.

        `task`: "run" loads `target` and runs pytest; "collect" runs pytest without loading it; "begin" only begins
        the journal.
        """
        with contextlib.suppress(FileNotFoundError):
            self.stages.unlink()
        ours = ["-c", str(self.ini), "--rootdir", str(self.folder), "--basetemp", str(self.folder / "tmp")]
        ours += ["-p", "no:cacheprovider", "-p", "fwconformance.pytest_plugin", "--import-mode=importlib"]
        ours += ["--framework", target.framework, "--fw-device", target.device]
        if target.backend:
            ours += ["--fw-backend", target.backend]
        spec = {
            "arguments": [*ours, *arguments],
            "backend": target.backend,
            "device": target.device,
            "framework": target.framework,
            "package": str(PACKAGE),
            "parent": os.getpid(),
            "stages": str(self.stages),
            "task": task,
        }
        # -B: no bytecode beside the suites. The script itself makes the path safe, on Pythons without -P too.
        return [target.python, "-B", str(_SCRIPT), json.dumps(spec)]

    def environment(self, outer: Mapping[str, str] | None = None) -> dict[str, str]:
        """`outer` (default: our own) without what could change the child's behaviour."""
        inherited = os.environ if outer is None else outer
        env = {
            name: value for name, value in inherited.items() if not name.startswith("PYTEST_") and name not in _DROPPED
        }
        env.pop("FWCONFORMANCE_REQUIRE", None)  # the supervisor's own gate, once, over the whole run
        # Entries that depend on the current folder ("", ".", "src") would let a project's torch/ in.
        path = [entry for entry in env.pop("PYTHONPATH", "").split(os.pathsep) if pathlib.PurePath(entry).is_absolute()]
        if path:
            env["PYTHONPATH"] = os.pathsep.join(path)
        env.update(
            PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
            PYTHONDONTWRITEBYTECODE="1",
            PYTHONSAFEPATH="1",  # for what the framework itself starts
            PYTHONUNBUFFERED="1",
            HYPOTHESIS_STORAGE_DIRECTORY=str(self.folder / "hypothesis"),
            # A user's ~/.keras/keras.json may set another float type, and Keras writes one where there is none.
            KERAS_HOME=str(self.folder / "keras"),
            **{HOLDER: str(os.getpid())},
        )
        return env

    def complaint(self) -> str:
        """What pytest said about its arguments."""
        mark = "ERROR: "
        return " ".join(line[len(mark) :] for line in self.log_tail(100).splitlines() if line.startswith(mark))

    def log_tail(self, lines: int = 30) -> str:
        """The end of what the child printed."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])
