"""The check of a rung, before a program is built: what is nobody's fault but ours."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import NotAdapted, Seam, create
from fwconformance.frameworks.reference._bindings import Bindings
from fwconformance.suitekit import check_rung


@pytest.fixture
def reference():
    return Seam(create("reference"))


def test_another_lineage_is_our_gap(reference):
    with pytest.raises(NotAdapted, match="no program for the community cpp binding of reference yet"):
        check_rung(None, reference, reference, "cpp", "install", lineage="community")


def test_another_language_is_our_gap(reference):
    with pytest.raises(NotAdapted, match="no program in go yet"):
        check_rung(None, reference, reference, "go", "install")


def test_a_rung_that_the_program_does_not_come_to_is_our_gap(reference, monkeypatch):
    def projects(self, language):
        return [{**self.project.to_json(), "rungs": ["arithmetic"]}]

    monkeypatch.setattr(Bindings, "projects", projects)
    with pytest.raises(NotAdapted, match="does not come to the rung 'training' yet"):
        check_rung(None, reference, reference, "cpp", "training")


def test_an_accelerator_is_our_gap(reference, monkeypatch):
    monkeypatch.setattr(reference.adapter, "device", "cuda:1")
    with pytest.raises(NotAdapted, match="run on the CPU here, not on cuda:1 yet"):
        check_rung(None, reference, reference, "cpp", "install")
