"""Switching a pytest run over to the suites, before any conftest of the project around it is loaded."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fwconformance import hookspecs
from fwconformance.frameworks import entries
from fwconformance.frameworks._online import ONLINE
from fwconformance.plugin._options import Options, read_options
from fwconformance.plugin._suites import Suites

if TYPE_CHECKING:
    from fwconformance.frameworks import Entry

# What the ini file of the project around us may say about tests does not hold for the suites.
_INI = {
    "testpaths": (),
    "python_files": ("test_*.py",),
    "python_classes": ("Test",),
    "python_functions": ("test",),
    "usefixtures": (),
    "norecursedirs": (),
    "filterwarnings": (),  # a framework's own deprecation warnings are no faults of the framework
}


def activate(config: pytest.Config, parser: pytest.Parser) -> None:
    """Register the working plugin, and see to it that pytest collects the suites and nothing else.

    Called from `pytest_load_initial_conftests` before pytest itself looks for conftest files. Raises pytest.UsageError.
    """
    known = config.known_args_namespace
    if known.help or known.version:
        return
    # Here and not above: the plugin's hooks pull in the journal and the registry, which --help does not need.
    from fwconformance.plugin._conformance import Conformance

    config.pluginmanager.add_hookspecs(hookspecs)
    suites = config.hook.pytest_fwconformance_suites(config=config) or Suites.bundled()
    options = read_options(known, suites.registry)
    refuse_second_framework(options)
    plugin = Conformance(config, options, suites)
    plugin.arguments = suites.select(_positional(config, parser), Path(config.invocation_params.dir))
    if known.fw_online and ONLINE not in os.environ:
        os.environ[ONLINE] = "1"
        config.add_cleanup(lambda: os.environ.__delitem__(ONLINE))
    known.file_or_dir[:] = plugin.arguments
    known.confcutdir = str(suites.directory)
    known.noconftest = False
    for name, values in _INI.items():
        value = config.getini(name)
        if isinstance(value, list):
            value[:] = values
    config.pluginmanager.register(plugin, "fwconformance-session")


def refuse_second_framework(options: Options) -> None:
    """Raise pytest.UsageError where another framework was imported before ours could be."""
    entry = options.entry
    if not any(backend.requires for backend in entry.backends.values()) or entry.name == "reference":
        return
    own = set(entry.backend(options.backend).requires)
    if any(name in sys.modules for name in own):
        return  # whoever imported it (a supervisor) did so on purpose, with what it drags in
    for other in entries():
        for name in sorted(_modules(other) - own - {"numpy"}):
            if name in sys.modules:
                raise pytest.UsageError(
                    f"--framework={entry.name}: {name} is already imported in this process (by another plugin, or a "
                    "sitecustomize), and two frameworks in one process replace each other's native libraries; leave "
                    "that "
                    "plugin out with `-p no:...`, or use "
                    f"`fwconformance run --framework {entry.name}`, which loads none"
                )


def _modules(entry: Entry) -> set[str]:
    return {name for backend in entry.backends.values() for name in backend.requires} if not entry.provider else set()


def _positional(config: pytest.Config, parser: pytest.Parser) -> list[str]:
    """Paths on the command line. Those that addopts or PYTEST_ADDOPTS bring speak of another project's tests."""
    given = [str(argument) for argument in config.invocation_params.args]
    if not given:  # an xdist worker gets what its controller chose
        return [str(path) for path in config.known_args_namespace.file_or_dir]
    return [str(path) for path in parser.parse_known_args(given).file_or_dir]
