"""docs.docstring-coverage: how many of a framework's public names say what they are."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from fwconformance.frameworks import Unavailable
from fwconformance.frameworks._idiomatic import Idiom
from fwconformance.processes import Hung, how_it_ended, run_program
from fwconformance.suitekit import _docstrings

if TYPE_CHECKING:
    from fwconformance.frameworks import Seam
    from fwconformance.suitekit._cases import Case

#: A package with fewer is none that was walked.
LEAST = 30
_LIMIT = 100.0  # seconds, below that of a case


def check_documented(case: Case, framework: Seam) -> None:
    """Measure the share of public names with a docstring in a process that has imported the framework alone.

    Asserts that there are names enough to speak of; the share itself is a figure, and no bound is set for it.
    """
    module = Idiom(framework=framework.name, backend=framework.backend).documented
    found = _walked(module, framework.backend)
    assert found["names"] >= LEAST, f"{module} has {found['names']} public names, fewer than {LEAST}: it was not walked"
    assert found["documented"], f"none of the {found['names']} public names of {module} has a docstring"
    case.figure("coverage", found["documented"] / found["names"], "1")
    case.figure("public names", found["names"], "1")
    case.level("hardware")


def _walked(module: str, backend: str) -> Any:
    environment = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    if backend:
        environment["KERAS_BACKEND"] = backend
    before = Idiom.prelude
    run = f"{before}import runpy, sys\nsys.argv = ['docstrings', {module!r}]\n"
    run += f"runpy.run_path({_docstrings.__file__!r}, run_name='__main__')"
    with tempfile.TemporaryDirectory(prefix="fwconformance-docs-") as folder:
        try:
            ended = run_program(
                [sys.executable, "-c", run], folder=folder, limit=_LIMIT, environment=environment, name=module
            )
        except Hung as hung:
            raise Unavailable(f"{hung}; it has {_LIMIT:g} s") from hung
    lines = [line for line in ended.output.splitlines() if line.strip()]
    assert ended.status == 0, (
        f"{module}: {how_it_ended(ended.status or 0)}; it printed: {' | '.join(lines[-4:])[-700:]}"
    )
    for line in reversed(lines):
        if line.startswith('{"documented"'):
            return json.loads(line)
    raise AssertionError(f"{module}: nothing was counted; it printed: {' | '.join(lines[-4:])[-700:]}")
