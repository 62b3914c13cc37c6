"""What the MXNet adapter writes; what another program computes from it is for the suites to judge."""

from __future__ import annotations

import importlib.util
import json
import types
import warnings

import numpy as np
import pytest

with warnings.catch_warnings():
    # Its last release uses names that NumPy has deprecated since.
    warnings.simplefilter("ignore", DeprecationWarning)
    mxnet = pytest.importorskip("mxnet", reason="MXNet is not installed here: tox runs these tests in mxnet-cpu")

from fwconformance.frameworks import (
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Network,
    NotAdapted,
    Unavailable,
    Unsupported,
    weight_shapes,
)
from fwconformance.frameworks.mxnet import create
from fwconformance.frameworks.mxnet._export import lacking

NETWORK = Network(
    layers=(
        Conv2D(channels=2, kernel=(3, 3)),
        BatchNorm(),
        Activation(kind="relu"),
        Flatten(),
        Dropout(rate=0.5),
        Dense(units=3),
    ),
    input_shape=(1, 5, 5),
)


@pytest.fixture
def framework():
    return create()


@pytest.fixture
def model(framework):
    rng = np.random.default_rng(20200101)
    weights = {name: np.abs(rng.normal(size=shape)).astype("float32") for name, shape in weight_shapes(NETWORK).items()}
    return framework.build(NETWORK, weights)


@pytest.fixture
def inputs():
    return np.random.default_rng(7).normal(size=(3, 1, 5, 5)).astype("float32")


def test_symbol_and_parameters_are_both_named(framework, model, inputs, tmp_path):
    found = framework.piece("export-symbol-params").export(model, inputs, str(tmp_path))
    assert json.loads((tmp_path / found["file"]).read_text("utf-8"))["nodes"]
    assert mxnet.nd.load(str(tmp_path / found["entry"]))
    assert found["images"] == "channels-first"


def test_the_model_stays_as_it_is(framework, model, inputs, tmp_path):
    before = model.forward(inputs).asnumpy()
    framework.piece("export-symbol-params").export(model, inputs, str(tmp_path))
    assert not model.stack._active
    assert (model.forward(inputs).asnumpy() == before).all()


def test_a_quantized_graph_has_operators_of_integers(framework, model, inputs, tmp_path):
    found = framework.piece("export-symbol-params").export_quantized(model, inputs, str(tmp_path))
    parameters = mxnet.nd.load(str(tmp_path / found["entry"]))
    assert "int8" in {value.dtype.__name__ for value in parameters.values()}


@pytest.mark.skipif(importlib.util.find_spec("onnx") is None, reason="onnx is not installed here")
def test_onnx_takes_any_batch_and_names_its_operator_set(framework, model, inputs, tmp_path):
    import onnx

    found = framework.piece("export-onnx").export(model, inputs, str(tmp_path))
    written = onnx.load(str(tmp_path / found["file"]))
    onnx.checker.check_model(written)
    assert written.opset_import[0].version == 13
    rows = written.graph.input[0].type.tensor_type.shape.dim[0]
    assert not rows.HasField("dim_value")


def test_without_onnx_it_says_what_to_install(framework, model, inputs, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match="install onnx"):
        framework.piece("export-onnx").export(model, inputs, str(tmp_path))


def test_a_format_without_a_writer_is_refused(framework):
    with pytest.raises(Unsupported, match=r"contrib\.openvino") as raised:
        framework.piece("export-openvino")
    assert raised.value.probe is not None


def test_the_refusal_flips_where_there_is_a_writer():
    root = types.SimpleNamespace(contrib=types.SimpleNamespace(openvino=object()))
    absent, evidence = lacking("export-openvino", root).run()
    assert not absent
    assert "contrib.openvino" in evidence


def test_a_writer_that_nobody_adapted_is_our_gap(framework, monkeypatch):
    monkeypatch.setattr(mxnet.contrib, "openvino", object(), raising=False)
    with pytest.raises(NotAdapted):
        framework.piece("export-openvino")
