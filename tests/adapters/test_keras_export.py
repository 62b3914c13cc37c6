"""What the Keras exporters leave as it was, and what they say where Keras refuses or a tool is missing."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

keras = pytest.importorskip("keras", reason="Keras is not installed here: tox runs these tests in keras-cpu and others")

from fwconformance.frameworks import (  # noqa: E402
    EXPORTS,
    LSTM,
    Dense,
    Dropout,
    Network,
    NotAdapted,
    Unavailable,
    Unsupported,
)
from fwconformance.frameworks.keras import _export, create  # noqa: E402

BACKEND = keras.backend.backend()
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

NETWORK = Network(layers=(Dense(units=3), Dropout(rate=0.5), Dense(units=2)), input_shape=(4,))
INPUTS = np.arange(12, dtype=np.float32).reshape(3, 4) / 10


@pytest.fixture
def framework():
    return create(BACKEND)


@pytest.fixture
def model(framework):
    return framework.build(NETWORK)


def test_every_format_is_written_refused_by_keras_or_said_to_be_our_gap(framework):
    gaps, refused = set(), set()
    for piece in EXPORTS:
        try:
            assert callable(framework.piece(piece).export)
        except NotAdapted:
            gaps.add(piece)
        except Unsupported:
            refused.add(piece)
    assert gaps == {"export-symbol-params"}
    assert {"export-torchscript", "export-aot-inductor", "export-executorch"} <= refused
    assert ("export-torch-export" in refused) == (BACKEND != "torch")
    assert ("export-litert" in refused) == (BACKEND == "jax")
    assert ("export-stablehlo" in refused) == (BACKEND == "torch")
    assert ("export-coreml" in refused) == (BACKEND == "jax")


@pytest.mark.parametrize("piece", ["export-keras-file", "export-hdf5"])
def test_a_saved_file_gives_what_the_model_gives_and_leaves_it_alone(framework, model, piece, tmp_path):
    own = framework.to_numpy(model.forward(INPUTS))
    artifact = framework.piece(piece).export(model, INPUTS, str(tmp_path))
    loaded = keras.models.load_model(str(tmp_path / artifact["file"]), compile=False)
    np.testing.assert_allclose(loaded.predict(INPUTS, verbose=0), own, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(framework.to_numpy(model.forward(INPUTS)), own)


def test_a_format_that_keras_would_write_is_not_called_refused():
    class Writes:
        def export(self, filepath, **named):
            pass

    absent, evidence = _export.not_exported("torchscript", "Unrecognized format", Writes()).run()
    assert not absent
    assert "no error" in evidence


def test_a_refusal_for_another_reason_is_no_evidence():
    class Breaks:
        def export(self, filepath, **named):
            raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="disk is full"):
        _export.not_exported("torchscript", "Unrecognized format", Breaks()).run()


@pytest.mark.parametrize("piece", ["export-onnx", "export-openvino"])
def test_a_missing_tool_is_named_and_not_blamed_on_keras(framework, model, piece, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match="install"):
        framework.piece(piece).export(model, INPUTS, str(tmp_path))


@pytest.mark.skipif(BACKEND != "tensorflow", reason="converters of TensorFlow's graphs: keras-cpu")
@pytest.mark.parametrize(
    ("piece", "tool", "saying"),
    [
        ("export-litert", "", "FlexTensorList"),
        ("export-openvino", "openvino", "No conversion rule found"),
    ],
)
def test_an_lstm_that_no_converter_translates_is_unsupported_in_its_words(framework, piece, tool, saying, tmp_path):
    if tool:
        pytest.importorskip(tool, reason=f"{tool} is not installed: tox runs these tests in keras-cpu")
        pytest.importorskip("scipy", reason="Keras's OpenVINO code imports SciPy: tox runs these tests in keras-cpu")
    model = framework.build(Network(layers=(LSTM(units=3, sequences=False), Dense(units=2)), input_shape=(4, 3)))
    with pytest.raises(Unsupported, match=saying) as refused:
        framework.piece(piece).export(model, np.zeros((3, 4, 3), dtype=np.float32), str(tmp_path))
    assert refused.value.probe is not None


def test_any_other_fault_of_a_converter_stays_what_it_is():
    with pytest.raises(ValueError, match="something else"), _export._translated("openvino"):
        raise ValueError("something else")


def test_a_file_of_litert_operations_alone_is_taken():
    _export.refuse_flex(b"TFL3 ... CONV_2D FlexDelegate")
    with pytest.raises(Unsupported, match="FlexSelu"):
        _export.refuse_flex(b"TFL3 ... FlexSelu\x00")


@pytest.mark.skipif(BACKEND != "tensorflow", reason="TensorFlow's own writer: keras-cpu")
def test_stablehlo_keeps_its_batch_size_and_its_weights_beside_it(framework, model, tmp_path):
    exporter = framework.piece("export-stablehlo")
    artifact = exporter.export(model, INPUTS, str(tmp_path))
    assert "tensor<3x4xf32>" in (tmp_path / artifact["file"]).read_text()
    with np.load(str(tmp_path / artifact["entry"])) as stored:
        shapes = sorted(stored[name].shape for name in stored.files)
    assert shapes == [(2,), (3,), (3, 2), (4, 3)]
    with pytest.raises(Unsupported, match=r"Only support static input shape$"):
        exporter.export_any_batch(model, INPUTS, str(tmp_path))


@pytest.mark.skipif(BACKEND == "jax", reason="coremltools reads TensorFlow and PyTorch alone")
def test_core_ml_without_coremltools_says_what_to_install(framework, model, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Unavailable, match="install coremltools"):
        framework.piece("export-coreml").export(model, INPUTS, str(tmp_path))
