"""What building ends in: a wheel that is installed, the placeholder that says what is missing, or an error."""

from __future__ import annotations

import pytest

from fwconformance.frameworks.caffe.building import BuildError, PackagesMissing, SourceMissing, __main__


@pytest.fixture
def installed(monkeypatch):
    """Names of the wheels that were handed to pip."""
    names = []
    monkeypatch.setattr(__main__, "_install", lambda wheel: names.append(wheel.name) or 0)
    return names


@pytest.mark.parametrize("missing", [PackagesMissing, SourceMissing])
def test_what_this_machine_lacks_is_said_by_a_placeholder(monkeypatch, capsys, installed, missing):
    """And is no failure: the column is untested, with that reason."""

    def build(_say, device):
        raise missing("nothing to build with")

    monkeypatch.setattr(__main__, "built_wheel", build)
    assert __main__.main() == 0
    assert installed == ["caffe-1.0.0+not.built-py3-none-any.whl"]
    assert "nothing to build with" in capsys.readouterr().err


def test_it_builds_for_the_device_that_is_asked_for(monkeypatch, tmp_path, installed):
    """The CPU where none is."""
    asked = []
    monkeypatch.setattr(__main__, "built_wheel", lambda _say, device: asked.append(device) or tmp_path / "some.whl")
    assert [__main__.main(), __main__.main(["--device", "cuda"])] == [0, 0]
    assert asked == ["cpu", "cuda"]
    assert installed == ["some.whl", "some.whl"]


def test_a_build_that_fails_is_an_error(monkeypatch, capsys, installed):
    def build(_say, device):
        raise BuildError("the compiler says no; the log is build.log")

    monkeypatch.setattr(__main__, "built_wheel", build)
    assert __main__.main() == 1
    assert installed == []
    assert "the log is build.log" in capsys.readouterr().err
