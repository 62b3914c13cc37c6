"""What the child runs, as a script: make the interpreter safe, import the framework, hand over to pytest.

Started by path, with one argument: a JSON object (see `_config.Workplace.command`). It must not import anything of
fwconformance before the
path is set, runs on every Python from 3.8 on, and writes what stage it reached as JSON lines, since it may die at any
of them:

    {"stage": "importing"}                                   the framework is being imported
    {"stage": "refused", "kind": ..., "message": ...}        it cannot be had; kind: usage, import
    {"stage": "ready"}                                       pytest takes over
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import pathlib
import sys
import traceback
from importlib import metadata

REFUSED = 97  # exit status after a "refused" stage; the reason stands in the stage file


def main() -> int:
    spec = json.loads(sys.argv[1])
    # Without -P (new in Python 3.11) the folder of this script is on the path; never import from there by accident.
    here = pathlib.Path(__file__).absolute().parent
    sys.path[:] = [entry for entry in sys.path if entry and pathlib.Path(entry).absolute() != here]
    sys.dont_write_bytecode = True
    _die_with_parent(spec["parent"])

    def stage(name: str, **more: str) -> None:
        line = json.dumps({"stage": name, **more}) + "\n"
        handle = os.open(spec["stages"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, line.encode())
        os.close(handle)

    try:
        _provide_package(spec["package"])
        import pytest

        from fwconformance import frameworks
    except ImportError as error:
        stage(
            "refused",
            kind="usage",
            message=f"{sys.executable} lacks what the suites need: {error}; pip install 'fwconformance[suites]' there",
        )
        return REFUSED

    arguments = list(spec["arguments"])
    if spec["task"] == "begin":
        from fwconformance.supervisor._begin import begin_journal

        begin_journal(arguments)
        stage("ready")
        return 0

    stage("importing")
    try:
        if spec["task"] == "run" and not _in_vain(spec["device"]):
            frameworks.create(spec["framework"], spec["backend"], spec["device"])
    except frameworks.CatalogError as error:
        stage("refused", kind="usage", message=str(error))
        return REFUSED
    except frameworks.Unavailable:
        pass  # the plugin reports it, case by case
    except Exception as error:
        traceback.print_exc()
        stage("refused", kind="import", message=f"{type(error).__name__}: {' '.join(str(error).split())[:500]}")
        return REFUSED
    stage("ready")

    # Nothing is loaded by entry point (PYTEST_DISABLE_PLUGIN_AUTOLOAD), so what the suites use is named here, where
    # it is installed.
    for distribution, plugin in (("pytest-benchmark", "benchmark"), ("hypothesis", "hypothesispytest")):
        try:
            metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
        arguments[:0] = ["-p", plugin]
    return int(pytest.main(arguments))


def _provide_package(location: str) -> None:
    """Make `fwconformance` the package at `location`, the supervisor's own, without adding what lies beside it to the
    path.
    """
    spec = importlib.util.spec_from_file_location(
        "fwconformance", str(pathlib.Path(location) / "__init__.py"), submodule_search_locations=[location]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"no package at {location}")
    package = importlib.util.module_from_spec(spec)
    sys.modules["fwconformance"] = package
    spec.loader.exec_module(package)


def _in_vain(device: str) -> bool:
    """Whether importing the framework would only take time: there is no such device."""
    from fwconformance.plugin._identity import surely_no_cuda

    return device.split(":", maxsplit=1)[0] == "cuda" and surely_no_cuda()


def _die_with_parent(parent: int) -> None:
    """Where the system can (Linux): be killed when the supervisor dies, even if it could not say goodbye."""
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except Exception:  # no libc to ask (musl without dlopen, a sandbox): the supervisor's own signal handlers remain
        return
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
