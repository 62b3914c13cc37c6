"""What the bridges' programs are built from, and that their versions are those of their build files."""

from __future__ import annotations

import json
import re

import pytest

from fwconformance.bindings import TOOLS
from fwconformance.frameworks import _bridge
from fwconformance.registry import fixtures_dir, load_registry

BINDINGS = fixtures_dir() / "bindings"


def written(language):
    """All build files of the program, as text."""
    files = [path for path in sorted((BINDINGS / language / "onnxruntime").iterdir()) if path.is_file()]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("language", _bridge.LANGUAGES)
def test_each_program_is_there_and_has_a_tool(language):
    project = _bridge.project(language, "/opt/libonnxruntime.so.9.8.7", "9.8.7")
    assert project.tool in TOOLS
    assert (BINDINGS / project.folder).is_dir()
    assert (BINDINGS / project.shared).is_dir()
    assert project.because.endswith(".")


@pytest.mark.parametrize("language", _bridge.BORROWING)
def test_those_that_borrow_a_library_are_told_it_and_expect_its_version(language):
    project = _bridge.project(language, "/opt/libonnxruntime.so.9.8.7", "9.8.7")
    assert "/opt/libonnxruntime.so.9.8.7" in {**project.settings, **project.environment}.values()
    assert project.version == "9.8.7"


@pytest.mark.parametrize("language", [one for one in _bridge.LANGUAGES if one not in _bridge.BORROWING])
def test_the_others_expect_what_their_build_file_pins(language):
    assert _bridge.project(language).version in written(language)


@pytest.mark.parametrize("language", ["go", "rust"])
def test_an_artifact_is_named_by_the_version_that_is_pinned(language):
    named = re.search(r"(?:onnxruntime_go|ort) (\S+)", _bridge.project(language).artifact)
    assert named is not None
    assert named.group(1) in written(language)


def test_the_headers_are_those_of_a_package_that_is_pinned():
    package = json.loads((BINDINGS / "cpp" / "onnxruntime" / "package.json").read_text(encoding="utf-8"))
    ((name, version),) = package["dependencies"].items()
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert f"node_modules/{name}/" in written("cpp")


def test_each_language_has_its_capability():
    active = {one.id for one in load_registry().active() if one.area == "bridge"}
    assert active == {f"bridge.{language}" for language in _bridge.LANGUAGES}
