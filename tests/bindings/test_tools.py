"""What is read from the output of build tools."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwconformance.bindings import TOOLS


@pytest.mark.parametrize(
    ("tool", "printed", "first"),
    [
        (
            "cmake",
            "-- Detecting\nmain.cpp:3:5: error: 'x' was not declared\n    3 | x\nmain.cpp:9:1: error: later",
            "main.cpp:3:5: error: 'x' was not declared",
        ),
        (
            "cmake",
            "CMake Error at CMakeLists.txt:4 (find_package):\n  Could not find Torch\n",
            "CMake Error at CMakeLists.txt:4 (find_package): Could not find Torch",
        ),
        ("cmake", "main.o: undefined reference to `f'\nmake: *** [all] Error 2", "main.o: undefined reference to `f'"),
        ("maven", "[INFO] building\n[ERROR] no artifact\n[ERROR] help", "[ERROR] no artifact"),
    ],
)
def test_the_first_error_is_the_tools_own(tool, printed, first):
    assert TOOLS[tool].first_error(printed).startswith(first)


def test_without_a_line_that_looks_like_an_error_the_last_ones_are_told():
    assert TOOLS["cmake"].first_error("one\n\ntwo\n") == "one | two"
    assert TOOLS["cmake"].first_error("") == "nothing was printed"


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_each_tool_is_told_the_settings(name, project):
    steps = TOOLS[name].steps(project(settings={"WHERE": "/opt/x"}), Path("source"), Path("target"))
    assert any("-DWHERE=/opt/x" in step for step in steps)
