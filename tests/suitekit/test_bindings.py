"""The check of a rung, before a program is built: what is nobody's fault but ours."""

from __future__ import annotations

import pytest

from fwconformance.bindings import BuildFailed
from fwconformance.frameworks import NotAdapted, Seam, Unavailable, Unsupported, create
from fwconformance.frameworks.reference._bindings import Bindings
from fwconformance.suitekit import _program, check_rung


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


@pytest.fixture
def refusing(reference, monkeypatch):
    """The official program, whose build fails so; `fields` of the project are changed."""

    def refusing(said, **fields):
        def projects(self, language):
            return [{**self.project.to_json(), **fields}]

        def build(project, fixtures):
            raise BuildFailed(said)

        monkeypatch.setattr(Bindings, "projects", projects)
        monkeypatch.setattr(_program, "build", build)
        return reference

    return refusing


def test_what_the_registry_has_no_more_is_unsupported_in_the_tools_words(refusing):
    """Of every rung, and without what is of one machine or of no help."""
    said = "java/toy: mvn failed: Could not find artifact org.toy:toy in central (https://mirror/x) -> [Help 1] [ERROR]"
    seam = refusing(f"{said} Re-run; its log is /home/me/x.log", refusal="Could not find artifact", rungs=[])
    with pytest.raises(Unsupported) as refused:
        check_rung(None, seam, seam, "cpp", "training")
    assert str(refused.value).endswith("java/toy: mvn failed: Could not find artifact org.toy:toy in central")


def test_another_error_of_such_a_build_is_our_programs(refusing):
    seam = refusing("java/toy: mvn failed: Main.java: cannot find symbol", refusal="Could not find artifact")
    with pytest.raises(BuildFailed, match="cannot find symbol"):
        check_rung(None, seam, seam, "cpp", "install")


def test_what_a_registry_had_at_the_time_is_not_tried(refusing):
    seam = refusing("never built", unavailable="no longer in the registry")
    with pytest.raises(Unavailable, match="no longer in the registry"):
        check_rung(None, seam, seam, "cpp", "install")
