"""The catalog of runtimes: every format that can be run here has one, and every program is there."""

from __future__ import annotations

import ast

import pytest

from fwconformance.frameworks import EXPORTS
from fwconformance.runtimes import BY_FORMAT, RUNTIMES, _places

# Networks are published in it; no framework here is asked to write it.
PUBLISHED = {"caffe-model"}


def test_every_format_has_a_runtime():
    assert set(BY_FORMAT) == {name.replace("export-", "", 1) for name in EXPORTS} | PUBLISHED


def test_no_format_has_two():
    assert len(BY_FORMAT) == sum(len(runtime.formats) for runtime in RUNTIMES)


@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda runtime: runtime.name)
def test_its_program_is_there(runtime):
    assert (_places.PROGRAMS / runtime.program).is_file()


@pytest.mark.parametrize("path", sorted(_places.PROGRAMS.glob("*.py")), ids=lambda path: path.name)
def test_programs_import_nothing_of_this_package(path):
    """They run in interpreters that do not have it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.split(".")[0] == "fwconformance"]
