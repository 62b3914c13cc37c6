"""The sabotages of the Caffe2 adapter: every area has one, and each leaves Caffe2 as it was."""

from __future__ import annotations

import pytest

pytest.importorskip("caffe2.python", reason="Caffe2 is not here: tox runs these tests in caffe2-cpu")
from caffe2.python import rnn_cell, workspace

from fwconformance.frameworks.caffe2 import _pieces
from fwconformance.frameworks.caffe2._sabotages import SABOTAGES
from fwconformance.registry import load_registry

OWNERS = (workspace, rnn_cell, _pieces)


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, attributes_of):
    check_fault(sabotage, lambda: attributes_of(OWNERS))


def test_it_is_taken_away_after_an_error_too(attributes_of):
    before = attributes_of(OWNERS)
    with pytest.raises(RuntimeError), SABOTAGES[0].apply():
        raise RuntimeError
    assert attributes_of(OWNERS) == before


def test_names_are_unique():
    names = [sabotage.name for sabotage in SABOTAGES]
    assert len(set(names)) == len(names)


def test_every_area_that_caffe2_has_something_for_has_one():
    areas = {name.split(".")[0] for name, entry in load_registry().capabilities.items() if entry.active}
    # It is no front end; it is tried on the CPU of one process, from Python; it has no idiomatic programs here; and the
    # server of what it exports needs a newer Python than it has. Our adapter does not export it to ONNX yet.
    elsewhere = {"automl", "backend", "binding", "bridge", "device", "docs", "export", "parallel", "usability"}
    assert {sabotage.kills.split(".")[0] for sabotage in SABOTAGES} == areas - elsewhere
