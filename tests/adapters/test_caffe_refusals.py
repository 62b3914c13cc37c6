"""Each refusal of the Caffe adapter is measured, and flips where the thing exists."""

from __future__ import annotations

import attrs
import pytest

pytest.importorskip("caffe._caffe", reason="Caffe is not built here: tox runs these tests in caffe-cpu")

from caffe.proto import caffe_pb2

from fwconformance.frameworks.caffe import _extend, _lacking, _refusals

PROBES = {
    "running variance": _refusals.running_variance,
    "padding count": _refusals.padding_count,
    "epsilon": lambda: _refusals.epsilon_placement("corrected"),
}


@pytest.mark.parametrize("name", sorted(PROBES))
def test_caffe_lacks_it(name):
    absent, evidence = PROBES[name]().run()
    assert absent
    assert "no parameter chooses" in evidence


@pytest.mark.parametrize("name", sorted(PROBES))
def test_a_caffe_that_follows_it_flips_the_probe(name):
    probe = PROBES[name]()
    absent, evidence = attrs.evolve(probe, measure=lambda: probe.gives[probe.asked]).run()
    assert not absent, evidence


@pytest.mark.parametrize("name", sorted(PROBES))
def test_a_field_that_may_choose_flips_the_probe(name):
    probe = PROBES[name]()
    absent, evidence = attrs.evolve(probe, fields=(*probe.fields, "convention")).run()
    assert not absent
    assert "convention" in evidence


@pytest.mark.parametrize("name", sorted(PROBES))
def test_a_measurement_that_tells_nothing_is_an_error(name):
    with pytest.raises(ValueError, match="tells no convention apart"):
        attrs.evolve(PROBES[name](), measure=lambda: 77.0).run()


def test_a_layer_type_that_is_there_flips_the_probe():
    assert _refusals.LayerTypes(names=("GRU",)).run()[0]
    absent, evidence = _refusals.LayerTypes(names=("GRU", "LSTM")).run()
    assert not absent
    assert evidence.endswith("has LSTM")


def test_a_field_that_is_there_flips_the_probe():
    assert _lacking.placement().run()[0]
    assert not _lacking.Fields(message=caffe_pb2.LayerParameter, names=("device", "phase")).run()[0]
    assert _lacking.tpu().run()[0]
    assert not _lacking.Fields(message=caffe_pb2.SolverParameter, enum="SolverMode", names=("GPU",)).run()[0]


class Writing:
    """A caffe with a writer and an exchange."""

    onnx = True

    class NCCL:
        bcast = True

    class Net:
        gradients = True


def test_a_writer_or_an_exchange_that_is_there_flips_the_probe():
    assert _lacking.writer("export-onnx").run()[0]
    assert not _lacking.writer("export-onnx", Writing).run()[0]
    assert _lacking.exchange().run()[0]
    assert not _lacking.exchange(Writing).run()[0]


def test_gradients_that_are_part_of_a_net_flip_the_probe():
    assert _extend.again().run()[0]
    assert not _extend.again(Writing).run()[0]
