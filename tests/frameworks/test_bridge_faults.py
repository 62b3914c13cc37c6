"""The faults of the bridges: a parrot for every case of every language, and the framework's own faults of exporting."""

from __future__ import annotations

import contextlib

import pytest

from fwconformance.frameworks import Sabotage, _bridge
from fwconformance.frameworks._bridge_faults import bridge_faults
from fwconformance.registry import load_registry


def export(name, case, *, kills="export.onnx"):
    return Sabotage(name=name, kills=kills, case=case, apply=contextlib.nullcontext, description="A fault.")


EXPORTS = (
    export("onnx-bakes-in-the-batch", "dynamic-batch"),
    export("onnx-drops-a-bias", "convolutional"),
    export("litert-drops-a-bias", "convolutional", kills="export.litert"),
)


def by_case(faults, language):
    found = {}
    for fault in faults:
        if fault.kills == f"bridge.{language}":
            found.setdefault(fault.case, []).append(fault.name)
    return found


@pytest.mark.parametrize("language", _bridge.LANGUAGES)
def test_every_case_has_a_parrot(language):
    cases = by_case(bridge_faults(()), language)
    assert set(cases) == {case.id for case in load_registry().capabilities[f"bridge.{language}"].cases}


@pytest.mark.parametrize("fault", bridge_faults(()), ids=lambda fault: fault.name)
def test_a_parrot_takes_the_programs_place_and_leaves_it(fault):
    language = fault.kills.split(".")[1]
    real = _bridge.project(language, "/opt/lib", "9.8.7")
    with fault.apply():
        planted = _bridge.project(language, "/opt/lib", "9.8.7")
        assert planted.folder == "cpp/reference-parrot"
        assert planted.version == real.version
    assert _bridge.project(language, "/opt/lib", "9.8.7") == real


def test_a_faulty_export_shows_in_the_case_that_is_like_its_own():
    """Of ONNX alone; one that drops a bias shows in a recurrent network too."""
    faults = bridge_faults(EXPORTS)
    assert len({fault.name for fault in faults}) == len(faults)
    plain = by_case(bridge_faults(()), "go")
    added = {case: [name for name in names if name not in plain[case]] for case, names in by_case(faults, "go").items()}
    assert added == {
        "install": [],
        "inference": ["bridge-go-onnx-drops-a-bias"],
        "batch": ["bridge-go-onnx-bakes-in-the-batch"],
        "errors": [],
        "recurrent": ["bridge-go-onnx-drops-a-bias-recurrent"],
    }


def test_one_that_is_recurrent_from_the_start_is_planted_once():
    faults = bridge_faults((export("onnx-drops-a-bias", "recurrent"),))
    names = by_case(faults, "java")["recurrent"]
    assert names == ["bridge-java-parrot-recurrent", "bridge-java-onnx-drops-a-bias"]


def test_cases_that_fail_without_a_fault_are_left_out():
    cases = by_case(bridge_faults(EXPORTS, cases=("install", "recurrent")), "rust")
    assert sorted(cases) == ["install", "recurrent"]
