"""The sabotages of the MXNet adapter: every area has one, and each leaves MXNet as it was."""

from __future__ import annotations

import warnings

import pytest

with warnings.catch_warnings():
    # Its last release uses names that NumPy has deprecated since.
    warnings.simplefilter("ignore", DeprecationWarning)
    mxnet = pytest.importorskip("mxnet", reason="MXNet is not installed here: tox runs these tests in mxnet-cpu")

from fwconformance.frameworks import _bridge
from fwconformance.frameworks._idiomatic import Idiom
from fwconformance.frameworks._libraries import Use
from fwconformance.frameworks._litserve_faults import IN_LITSERVE
from fwconformance.frameworks.mxnet._bindings import BindingsPiece
from fwconformance.frameworks.mxnet._sabotages import SABOTAGES
from fwconformance.frameworks.mxnet._sabotages_ecosystem import ECOSYSTEM_SABOTAGES
from fwconformance.registry import load_registry

OWNERS = (
    mxnet.autograd.Function,
    mxnet.executor.Executor,
    mxnet.gluon.HybridBlock,
    mxnet.gluon.data.DataLoader,
    mxnet.gluon.Parameter,
    mxnet.gluon.SymbolBlock,
    mxnet.gluon.Trainer,
    mxnet.gluon.utils,
    mxnet.kvstore.KVStore,
    mxnet.nd,
    mxnet.onnx,
    mxnet.optimizer.SGD,
    mxnet.random,
    mxnet.recordio,
    mxnet.sym,
    mxnet.sym.Symbol,
    mxnet.gluon.loss.L2Loss,
    BindingsPiece,
    Idiom,
    _bridge,
    Use,
)


# LitServe is no part of MXNet: the faults in it have tests of their own, as have those in what others built on MXNet.
# Quantising is taken out of our own exporter, which has a test of its own.
HERE = [
    each
    for each in SABOTAGES
    if each not in IN_LITSERVE and each.case != "quantized" and each not in ECOSYSTEM_SABOTAGES
]


@pytest.mark.parametrize("sabotage", HERE, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, attributes_of):
    check_fault(sabotage, lambda: attributes_of(OWNERS))


def test_it_is_taken_away_after_an_error_too(attributes_of):
    before = attributes_of(OWNERS)
    with pytest.raises(RuntimeError), SABOTAGES[0].apply():
        raise RuntimeError
    assert attributes_of(OWNERS) == before


def test_every_area_that_the_adapter_supports_has_one():
    areas = {name.split(".")[0] for name, entry in load_registry().capabilities.items() if entry.active}
    # What a build carries is asked of Caffe and Caffe2. Of what is about other devices MXNet does nothing here: it has
    # no program that is compiled for one. No library searches networks with it.
    elsewhere = {"automl", "backend", "build", "device"}
    assert {sabotage.kills.split(".")[0] for sabotage in SABOTAGES} == areas - elsewhere
