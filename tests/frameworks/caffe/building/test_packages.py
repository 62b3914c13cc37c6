"""System packages: never installed unasked, and the message has the command."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fwconformance.frameworks.caffe.building import BuildError, PackagesMissing, _packages


def test_a_package_that_was_removed_counts_as_missing():
    printed = SimpleNamespace(stdout="cmake installed\ng++ config-files\n")
    assert _packages.missing(("cmake", "g++", "ninja-build"), run=lambda *_words, **_settings: printed) == (
        "g++",
        "ninja-build",
    )


@pytest.mark.parametrize("environment", [{}, {_packages.VARIABLE: ""}, {_packages.VARIABLE: "yes"}])
def test_without_leave_the_message_has_the_command(monkeypatch, environment):
    monkeypatch.setattr(_packages, "missing", lambda: ("cmake", "g++"))
    with pytest.raises(PackagesMissing, match=r"build packages missing.*`apt-get install .* cmake g\+\+` as root"):
        _packages.require(lambda _command: pytest.fail("nothing may be installed"), environment)


def test_with_leave_only_what_is_missing_is_installed(monkeypatch):
    monkeypatch.setattr(_packages, "missing", lambda: ("cmake",))
    commands = []
    _packages.require(commands.append, {_packages.VARIABLE: "install"})
    assert commands[-1][-1] == "cmake"
    assert "install" in commands[-1]


def test_where_apt_cannot_install_them_they_are_missing(monkeypatch):
    """As on a machine without a network: nothing is known of Caffe there."""
    monkeypatch.setattr(_packages, "missing", lambda: ("cmake",))

    def unreachable(_command):
        raise BuildError("`apt-get update` ended with 100")

    with pytest.raises(PackagesMissing, match=r"build packages missing: cmake; installing them failed: .* with 100"):
        _packages.require(unreachable, {_packages.VARIABLE: "install"})


def test_nothing_is_run_where_all_is_there(monkeypatch):
    monkeypatch.setattr(_packages, "missing", tuple)
    _packages.require(lambda _command: pytest.fail("nothing is missing"), {_packages.VARIABLE: "install"})
