from __future__ import annotations

import shutil
import textwrap

import numpy as np
import pytest

from fwconformance.frameworks import Artifact
from fwconformance.runtimes import Runtime, _places, _run, run

MODEL = Artifact(file="model.bin")


@pytest.fixture
def batches():
    return [np.arange(6, dtype=np.float32).reshape(2, 3), np.array([[7, 8, 9]], dtype=np.int64)]


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """A folder in place of the programs' own, with what they share."""
    folder = tmp_path / "programs"
    folder.mkdir()
    shutil.copy(str(_places.PROGRAMS / "_serve.py"), str(folder))
    monkeypatch.setattr(_places, "PROGRAMS", folder)
    monkeypatch.delenv(_places.VARIABLE, raising=False)
    return folder


@pytest.fixture
def ask(programs, tmp_path, monkeypatch, batches):
    """Run a program given as text, as the runtime of a format of its own."""

    def ask(text, *, given=None, artifact=MODEL, limit=20.0, **fields):
        (programs / "program.py").write_text(textwrap.dedent(text), encoding="utf-8")
        runtime = Runtime(
            **{"name": "toy", "program": "program.py", "package": "toy-package", "formats": ("toy",), **fields}
        )
        monkeypatch.setattr(_run, "BY_FORMAT", {"toy": runtime})
        return run("toy", artifact, tmp_path, batches if given is None else given, limit=limit)

    return ask
