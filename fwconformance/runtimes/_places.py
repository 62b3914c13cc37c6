"""Where a runtime can run: interpreters, in the order in which they are tried."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import sys
from typing import Iterator, Mapping

import attrs

from fwconformance.runtimes._catalog import Runtime

#: Path of the Python of the tox environment `runtimes`.
VARIABLE = "FWCONFORMANCE_RUNTIMES"

# The programs import what lies beside them, which a supervised process is told not to do.
_BESIDE = {"PYTHONSAFEPATH": ""}

PROGRAMS = pathlib.Path(__file__).resolve().parent / "programs"


@attrs.frozen(kw_only=True)
class Place:
    """How a runtime's program is started, the folder of the call left out.

    Attributes:
        command: without the last argument.
        environment: added to our own.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str] = attrs.field(factory=dict)


def places(runtime: Runtime) -> Iterator[Place]:
    """Interpreters that may have `runtime`, the one named by the variable first."""
    program = str(PROGRAMS / runtime.program)
    named = os.environ.get(VARIABLE)
    if runtime.independent and named and pathlib.Path(named).is_file():
        # What is on the path of this interpreter was built for another.
        yield Place(command=(named, "-B", program), environment={**_BESIDE, "PYTHONPATH": ""})
    if all(_importable(module) for module in runtime.modules):
        yield Place(command=(sys.executable, "-B", program), environment=_BESIDE)


def _importable(module: str) -> bool:
    """Whether it can be found, without importing more than the packages above it."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def nowhere(runtime: Runtime) -> str:
    """What to do about a runtime that no interpreter has."""
    if not runtime.independent:
        return f"{runtime.name} needs {runtime.package} beside the framework: install {runtime.package}"
    named = os.environ.get(VARIABLE)
    if not named:
        why = f"{VARIABLE} names no interpreter"
    elif not pathlib.Path(named).is_file():
        why = f"the interpreter that {VARIABLE} names is not there"
    else:
        why = f"the interpreter that {VARIABLE} names lacks it"
    return (
        f"{runtime.package} is not installed beside the framework, and {why}: run `tox -e runtimes`, or install "
        f"{runtime.package} in an interpreter of its own and point {VARIABLE} to it"
    )
