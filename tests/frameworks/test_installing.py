"""What an installer says is kept, and becomes the evidence of a case."""

from __future__ import annotations

import json
import sys

import pytest

from fwconformance.frameworks import Unsupported
from fwconformance.frameworks._installing import VARIABLE, attempt, refuse_uninstallable

SAYS = """
import sys
print("Collecting scikit-learn<0.25.0,>=0.24.0")
print("  ModuleNotFoundError: No module named pkg_resources", file=sys.stderr)
print("ERROR: Failed to build scikit-learn", file=sys.stderr)
sys.exit(1)
"""
FAILS = [sys.executable, "-c", SAYS]


def test_what_went_wrong_is_kept_and_refuses(tmp_path, monkeypatch):
    kept = tmp_path / "installed.json"
    assert "No module named pkg_resources" in attempt("somelib==1.0", kept, FAILS)
    monkeypatch.setenv(VARIABLE, str(kept))
    with pytest.raises(Unsupported, match=r"pip install somelib==1.0` beside torch 9 on Python .*pkg_resources"):
        refuse_uninstallable("somelib", "torch 9")


def test_what_was_installed_refuses_nothing(tmp_path, monkeypatch):
    """The probe flips: nothing is in the way of the case then."""
    kept = tmp_path / "installed.json"
    assert attempt("somelib==1.0", kept, [sys.executable, "-c", "pass"]) == ""
    assert json.loads(kept.read_text())["error"] == ""
    monkeypatch.setenv(VARIABLE, str(kept))
    refuse_uninstallable("somelib", "torch 9")


def test_another_library_and_no_attempt_refuse_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    refuse_uninstallable("somelib", "torch 9")
    kept = tmp_path / "installed.json"
    attempt("otherlib==1.0", kept, FAILS)
    monkeypatch.setenv(VARIABLE, str(kept))
    refuse_uninstallable("somelib", "torch 9")


def test_an_installer_that_says_nothing_is_told_so(tmp_path):
    said = attempt("somelib==1.0", tmp_path / "installed.json", [sys.executable, "-c", "raise SystemExit(3)"])
    assert said == "the installer ended with an error and said nothing"
