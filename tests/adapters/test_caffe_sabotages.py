"""The sabotages of the Caffe adapter: every area has one, and each leaves Caffe as it was."""

from __future__ import annotations

import pytest

pytest.importorskip("caffe._caffe", reason="Caffe is not built here: tox runs these tests in caffe-cpu")
import caffe

from fwconformance.frameworks._idiomatic import Idiom
from fwconformance.frameworks._litserve_faults import IN_LITSERVE
from fwconformance.frameworks.caffe._bindings import BindingsPiece
from fwconformance.frameworks.caffe._sabotages import SABOTAGES
from fwconformance.registry import load_registry

OWNERS = (
    caffe,
    caffe.Net,
    caffe.NetSpec,
    caffe.SGDSolver,
    caffe.AdamSolver,
    caffe.io.Transformer,
    BindingsPiece,
    Idiom,
)


# LitServe is no part of Caffe: the faults in it have tests of their own.
HERE = [each for each in SABOTAGES if each not in IN_LITSERVE]


@pytest.mark.parametrize("sabotage", HERE, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, attributes_of):
    check_fault(sabotage, lambda: attributes_of(OWNERS))


def test_it_is_taken_away_after_an_error_too(attributes_of):
    before = attributes_of(OWNERS)
    with pytest.raises(RuntimeError), SABOTAGES[0].apply():
        raise RuntimeError
    assert attributes_of(OWNERS) == before


def test_every_area_that_caffe_has_something_for_has_one():
    areas = {name.split(".")[0] for name, entry in load_registry().capabilities.items() if entry.active}
    # That it does not compile unchanged is what its build shows. Its one way to several devices is between GPUs, and it
    # compiles for no other device. It writes no ONNX for other languages, and no library searches networks with it.
    elsewhere = {"automl", "backend", "bridge", "build", "device", "parallel"}
    assert {sabotage.kills.split(".")[0] for sabotage in SABOTAGES} == areas - elsewhere
