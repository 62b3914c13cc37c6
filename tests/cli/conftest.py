"""The command line as a user has it: a process of its own, in any folder, with frameworks of other packages that
misbehave on request; and shards of the reference, as a run would have left them.
"""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import textwrap
from typing import Any, Callable

import pytest

import fwconformance
from fwconformance._version import __version__
from fwconformance.evidence import Header, Level, Observation, Outcome
from fwconformance.registry import suite_content
from fwconformance.shards import open_journal

ROOT = pathlib.Path(fwconformance.__file__).resolve().parents[1]

HEADER = {
    "environment": "reference",
    "label": "test",
    "framework": "reference",
    "backend": "",
    "device": "cpu",
    "profile": "standard",
    "seed": 1,
    "versions": {"fwconformance": "0.1.0", "numpy": "1.26.4"},
    "python": "3.11.7",
    "platform": {"system": "Linux"},
    "suite_version": __version__,
    "started": "2026-01-01T00:00:00Z",
}

# A framework of another distribution: the reference under another name, which does what MISBEHAVE says, "Layer:deed"
# or "import:deed".
MISBEHAVING = """
import os
import signal
import subprocess
import sys
import time

from fwconformance.frameworks import Unavailable

def do(deed):
    if deed == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif deed == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif deed == "exit":
        os._exit(3)
    elif deed == "hang":
        time.sleep(1000)
    elif deed == "hang-with-children":
        for own_session in (False, True):
            program = "import time; time.sleep(1000)"
            child = subprocess.Popen([sys.executable, "-c", program], start_new_session=own_session)
            with open(os.environ["PIDS"], "a") as file:
                file.write("%d\\n" % child.pid)
        time.sleep(1000)
    elif deed == "once":
        marker = os.environ["MARKER"]
        if not os.path.exists(marker):
            open(marker, "w").close()
            os._exit(3)
    elif deed == "raise":
        raise RuntimeError("the library is of another version")
    elif deed == "ImportError":
        raise ImportError("libmisbehaving.so.1: cannot open shared object file")
    elif deed == "unavailable":
        raise Unavailable("no embedding on this machine")
    elif deed == "slow":
        time.sleep(0.4)
    elif deed == "wrong":
        pass
    else:
        raise AssertionError(deed)

DEEDS = dict(item.split(":") for item in os.environ.get("MISBEHAVE", "").split())
if "import" in DEEDS:
    do(DEEDS["import"])

from fwconformance.frameworks.reference import Reference

class Misbehaving(Reference):
    name = "misbehaving"

    def build(self, network, weights=None):
        for layer in network.layers:
            deed = DEEDS.get(type(layer).__name__)
            if deed == "wrong":
                weights = {name: value + 1 for name, value in weights.items()}
            elif deed:
                do(deed)
        return super().build(network, weights)

def create(backend, device):
    return Misbehaving()
"""


@pytest.fixture(scope="session")
def misbehaving(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder for PYTHONPATH that holds the installed distribution `misbehaving`."""
    folder = tmp_path_factory.mktemp("misbehaving")
    (folder / "misbehaving.py").write_text(textwrap.dedent(MISBEHAVING))
    metadata = folder / "misbehaving-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: misbehaving\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[fwconformance.frameworks]\nmisbehaving = misbehaving:create\n")
    return folder


class Command:
    """Runs `python -m fwconformance`. `env` is what its processes get beside a few variables of ours."""

    def __init__(self, folder: pathlib.Path, misbehaving: pathlib.Path) -> None:
        self.folder = folder
        self.package = ROOT
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "FWCONFORMANCE_", "COV_"))
        }
        self.path = [str(misbehaving)]

    def line(self, *arguments: Any) -> list[str]:
        return [sys.executable, "-B", "-m", "fwconformance", *map(str, arguments)]

    def environment(self, **env: str) -> dict[str, str]:
        path = os.pathsep.join([str(self.package), *self.path])
        return {**self.env, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **env}

    def __call__(
        self, *arguments: Any, cwd: pathlib.Path | None = None, timeout: float = 240, **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.line(*arguments),
            cwd=cwd or self.folder,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: Any, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.line(*arguments),
            cwd=self.folder,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_as_in_a_terminal,  # noqa: PLW1509 - no threads here, and nothing shorter resets signals
        )


def _as_in_a_terminal() -> None:
    """Undo what a shell does to the signals of its background jobs, and nohup to SIGHUP: children inherit it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@pytest.fixture
def command(tmp_path: pathlib.Path, misbehaving: pathlib.Path) -> Command:
    folder = tmp_path / "project"
    folder.mkdir()
    return Command(folder, misbehaving)


@pytest.fixture(scope="session")
def write_shard() -> Callable[..., pathlib.Path]:
    """Writes a shard of the embedding capability: a path, the `outcome` of both cases, and fields of the header."""
    fields = {**HEADER, "suite_content": suite_content()}

    def write(
        path: pathlib.Path, *, outcome: Outcome = Outcome.PASSED, run: str = "11111111", **changes: object
    ) -> pathlib.Path:
        with open_journal(path, Header(run=run, **{**fields, **changes})) as journal:
            for case in ("forward", "gradients"):
                key = journal.header.key("layers.embedding", case)
                level = Level.HARDWARE if outcome is Outcome.PASSED else None
                journal.start("layers.embedding", case)
                journal.observe(Observation(key=key, outcome=outcome, level=level, message="" if level else "why"))
            journal.end(0)
        return path

    return write
