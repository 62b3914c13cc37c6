"""Languages without a compiler: packages, and then the program loads them once."""

from __future__ import annotations

from pathlib import Path

import pytest

from fwconformance.bindings import TOOLS

NAMES = ("R", "cpanm", "julia", "octave")
PLACE = (Path("/kept/r/toy"), Path("/kept/build"))


@pytest.mark.parametrize("name", NAMES)
def test_the_last_step_asks_the_program_for_its_version(name, project):
    """Or a package that is there and cannot be loaded would be the program's failure, rung by rung."""
    *_, last = TOOLS[name].steps(project(), *PLACE)
    assert tuple(last) == (*TOOLS[name].command(PLACE[1]), "version")


@pytest.mark.parametrize("name", NAMES)
def test_packages_go_into_the_folder_that_is_built_in(name, project):
    *install, _, _ = TOOLS[name].steps(project(), *PLACE)
    assert all(any(str(PLACE[1]) in word for word in step) for step in install)


@pytest.mark.parametrize("name", NAMES)
def test_the_steps_see_what_the_program_will(name, project):
    variables = TOOLS[name].variables(project(environment={"WHERE": "/opt"}, settings={"HOW": "so"}), *PLACE)
    assert variables == {"WHERE": "/opt", "HOW": "so"}


@pytest.mark.parametrize(
    ("tool", "printed", "said"),
    [
        (
            "R",
            "Warning: unable to access index for repository https://mirror/src/contrib:\n  cannot open URL",
            "Warning: unable to access index for repository (address left out)",
        ),
        (
            "cpanm",
            "! Finding AI::MXNet on mirror http://mirror failed.\n! Couldn't find module or a distribution AI::MXNet",
            "! Couldn't find module or a distribution AI::MXNet",
        ),
        (
            "julia",
            "┌ Warning: could not download https://mirror/registries",
            "Warning: could not download (address left out)",
        ),
        ("julia", "ERROR: failed to clone from https://mirror/General.git, error: GitError", "ERROR: failed to clone"),
    ],
)
def test_a_registry_that_is_not_reached_is_told_without_its_address(tool, printed, said):
    found = TOOLS[tool].unreached(printed)
    assert found.startswith(said)
    assert "mirror/" not in found


@pytest.mark.parametrize(
    ("tool", "printed", "first"),
    [
        ("R", "trying\nError: not installed: mxnet\nExecution halted", "Error: not installed: mxnet"),
        ("R", "Error in library(mxnet) : there is no package called", "Error in library(mxnet)"),
        ("cpanm", "! Finding X failed.\n! Installing the dependencies failed: X", "! Installing the dependencies"),
        ("cpanm", "Can't locate JSON/PP.pm in @INC at main.pl line 3.", "Can't locate JSON/PP.pm"),
        ("julia", "  Updating\nERROR: ArgumentError: Package MXNet not found", "ERROR: ArgumentError: Package MXNet"),
        ("octave", "caffe_.cpp:7:9: error: 'x' was not declared\nerror: mkoctfile: ", "caffe_.cpp:7:9: error: 'x' was"),
        ("octave", "error: no libcaffe in CAFFE_LIBRARIES\nerror: called from", "error: no libcaffe in CAFFE_LIB"),
    ],
)
def test_the_first_error_is_the_tools_own(tool, printed, first):
    assert TOOLS[tool].first_error(printed).startswith(first)


def test_a_package_that_a_repository_has_not_is_not_a_repository_that_is_not_reached():
    """The one says something of the binding, the other of this machine."""
    assert TOOLS["R"].unreached("package 'mxnet' is not available for this version of R") == ""
