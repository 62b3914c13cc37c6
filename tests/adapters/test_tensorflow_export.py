"""What the TensorFlow exporters leave as it was, and what they say where a tool is missing."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed: tox runs these tests in tensorflow-cpu")

from fwconformance.frameworks import (  # noqa: E402
    EXPORTS,
    LSTM,
    Artifact,
    Dense,
    Dropout,
    Network,
    NotAdapted,
    Unavailable,
    Unsupported,
)
from fwconformance.frameworks.tensorflow import _export, create  # noqa: E402
from fwconformance.frameworks.tensorflow._export_sabotages import sabotages  # noqa: E402

NETWORK = Network(layers=(Dense(units=3), Dropout(rate=0.5), Dense(units=2)), input_shape=(4,))
INPUTS = np.arange(12, dtype=np.float32).reshape(3, 4) / 10


@pytest.fixture
def tensorflow():
    return create()


@pytest.fixture
def model(tensorflow):
    return tensorflow.build(NETWORK)


def test_a_format_without_an_exporter_is_said_to_be_our_gap(tensorflow):
    missing = sorted(set(EXPORTS) - set(_export._MODULES))
    assert missing
    for piece in missing:
        with pytest.raises(NotAdapted, match=piece):
            tensorflow.piece(piece)


def test_the_signature_takes_batches_of_any_size(model):
    served = _export.Served(model)
    for rows in (1, 3):
        np.testing.assert_allclose(served.serve(INPUTS[:rows]), model.forward(INPUTS[:rows]), rtol=1e-6)


def test_a_saved_model_gives_what_the_module_gives_in_inference_and_leaves_it_alone(tensorflow, model, tmp_path):
    before = {name: value.numpy() for name, value in model.weights().items()}
    artifact = Artifact.from_json(tensorflow.piece("export-saved-model").export(model, INPUTS, str(tmp_path)))
    assert artifact.images == "channels-first"
    loaded = tf.saved_model.load(str(tmp_path / artifact.file))
    (found,) = loaded.signatures[artifact.entry](tf.constant(INPUTS)).values()
    np.testing.assert_allclose(found, model.forward(INPUTS), rtol=1e-6)
    after = {name: value.numpy() for name, value in model.weights().items()}
    assert all(np.array_equal(before[name], after[name]) for name in before)


def test_a_quantised_file_is_smaller_in_its_weights(tensorflow, tmp_path):
    model = tensorflow.build(Network(layers=(Dense(units=256), Dense(units=2)), input_shape=(64,)))
    inputs = np.linspace(-1, 1, 3 * 64, dtype=np.float32).reshape(3, 64)
    exporter, sizes = tensorflow.piece("export-litert"), []
    for name in ("export", "export_quantized"):
        (tmp_path / name).mkdir()
        artifact = getattr(exporter, name)(model, inputs, str(tmp_path / name))
        sizes.append((tmp_path / name / artifact["file"]).stat().st_size)
    assert sizes[1] < sizes[0] / 2


@pytest.mark.parametrize("piece", ["export-onnx", "export-openvino", "export-coreml"])
def test_a_missing_tool_is_named_and_not_blamed_on_tensorflow(tensorflow, model, piece, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match="install"):
        tensorflow.piece(piece).export(model, INPUTS, str(tmp_path))


def test_the_faults_are_in_graphs_alone(model):
    model.native.layers[-1].roles["bias"].assign([1.0, 2.0])
    wrong = next(each for each in sabotages() if each.name == "onnx-drops-a-bias")
    own = model.forward(INPUTS)
    with wrong.apply():
        np.testing.assert_array_equal(model.forward(INPUTS), own)
        assert np.abs(_export.Served(model).serve(INPUTS) - own).max() > 0.9


@pytest.mark.parametrize(
    ("piece", "tool"), [("export-litert", ""), ("export-onnx", "tf2onnx"), ("export-openvino", "openvino")]
)
def test_an_lstm_that_no_converter_translates_is_unsupported_in_its_words(tensorflow, piece, tool, tmp_path):
    if tool:
        pytest.importorskip(tool, reason=f"{tool} is not installed: tox runs these tests in tensorflow-cpu")
    model = tensorflow.build(Network(layers=(LSTM(units=3), Dense(units=2)), input_shape=(4, 3)))
    inputs = np.zeros((3, 4, 3), dtype=np.float32)
    with pytest.raises(Unsupported, match="BlockLSTM") as refused:
        tensorflow.piece(piece).export(model, inputs, str(tmp_path))
    assert refused.value.probe is not None


def test_any_other_fault_of_a_converter_stays_what_it_is():
    with pytest.raises(ValueError, match="something else"), _export.translated("a converter"):
        raise ValueError("something else")


def test_stablehlo_of_an_lstm_is_refused_in_tensorflows_words(tensorflow, tmp_path):
    model = tensorflow.build(Network(layers=(LSTM(units=3), Dense(units=2)), input_shape=(4, 3)))
    with pytest.raises(Unsupported, match="No registered 'BlockLSTM'") as refused:
        tensorflow.piece("export-stablehlo").export(model, np.zeros((3, 4, 3), dtype=np.float32), str(tmp_path))
    assert refused.value.probe is not None


def test_stablehlo_of_any_batch_is_refused_in_tensorflows_words(tensorflow, model, tmp_path):
    with pytest.raises(Unsupported, match=r"Only support static input shape$"):
        tensorflow.piece("export-stablehlo").export_any_batch(model, INPUTS, str(tmp_path))
