"""The import rules of the seam: an adapter imports neither the reference, nor another adapter or framework."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from fwconformance import frameworks

ROOT = Path(frameworks.__file__).parent
ADAPTERS = ("pytorch", "tensorflow", "keras", "mxnet", "caffe", "caffe2")
FRAMEWORKS = frozenset({"torch", "tensorflow", "keras", "mxnet", "jax", "jaxlib", "tf_keras", "caffe", "caffe2"})
OWN = {
    "pytorch": {"torch"},
    "tensorflow": {"tensorflow"},
    "keras": {"keras", "tensorflow", "torch", "jax", "jaxlib"},
    "mxnet": {"mxnet"},
    "caffe": {"caffe"},
    "caffe2": {"caffe2"},
}
FILES = [path for adapter in ADAPTERS for path in sorted((ROOT / adapter).rglob("*.py"))]


def imported(tree):
    """Dotted names that a module imports, anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def test_every_adapter_is_looked_at():
    """The rule has something to hold on to."""
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(ADAPTERS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_adapters_keep_to_themselves(path):
    """No adapter imports the reference or another adapter, not even inside a function or by a relative import."""
    own = path.relative_to(ROOT).parts[0]
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        assert not name.startswith("."), f"{path.name} imports {name} relatively: say it in full"
        for other in {"reference", *ADAPTERS} - {own}:
            prefix = f"fwconformance.frameworks.{other}"
            assert f"{name}.".find(f"{prefix}.") != 0, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_adapters_import_their_own_framework_alone(path):
    """No adapter imports a second framework; Keras imports the backends it computes on."""
    own = OWN[path.relative_to(ROOT).parts[0]]
    foreign = {name.split(".")[0] for name in imported(ast.parse(path.read_text(encoding="utf-8")))} & FRAMEWORKS - own
    assert not foreign, f"{path.name} imports {', '.join(sorted(foreign))}"


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_frameworks_are_imported_late(adapter):
    """Importing an adapter's package imports no framework, installed or not: only making the adapter does."""
    code = (
        f"import sys, fwconformance.frameworks.{adapter}\n"
        f"early = {set(FRAMEWORKS)!r} & set(sys.modules)\n"
        "assert not early, early\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_rule_sees_an_import_inside_a_function():
    """What is imported inside a function is imported."""
    tree = ast.parse("def f():\n    from fwconformance.frameworks.reference import Reference\n")
    assert list(imported(tree)) == ["fwconformance.frameworks.reference.Reference"]
