"""What the PyTorch exporters leave as it was, and what they say where a tool is missing."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed here: tox runs these tests in torch-cpu")

from fwconformance.frameworks import EXPORTS, Artifact, Dense, Dropout, Network, NotAdapted, Unavailable  # noqa: E402
from fwconformance.frameworks.pytorch import _export, _export_programs, create  # noqa: E402
from fwconformance.frameworks.pytorch._export_sabotages import EXPORT_SABOTAGES, ByTheBatch, OfOneSize  # noqa: E402
from fwconformance.registry import load_registry  # noqa: E402

NETWORK = Network(layers=(Dense(units=3), Dropout(rate=0.5), Dense(units=2)), input_shape=(4,))
INPUTS = np.arange(12, dtype=np.float32).reshape(3, 4) / 10


@pytest.fixture
def pytorch():
    return create()


@pytest.fixture
def model(pytorch):
    return pytorch.build(NETWORK)


def test_every_format_that_applies_to_pytorch_is_written_or_said_to_be_our_gap(pytorch):
    capabilities = load_registry().capabilities
    for piece, capability in EXPORTS.items():
        entry = capabilities.get(capability)
        if entry is None or not entry.active or any(one.framework == "pytorch" for one in entry.inapplicable):
            continue
        if piece in _export._MODULES:
            assert callable(pytorch.piece(piece).export)
        else:
            with pytest.raises(NotAdapted):
                pytorch.piece(piece)


@pytest.mark.parametrize("piece", ["export-torch-export", "export-torchscript"])
def test_an_export_leaves_weights_and_gradients_alone(pytorch, model, piece, tmp_path):
    before = {name: value.clone() for name, value in model.weights().items()}
    artifact = Artifact.from_json(pytorch.piece(piece).export(model, INPUTS, str(tmp_path)))
    assert (tmp_path / artifact.file).is_file()
    assert artifact.images == "channels-first"
    assert all(torch.equal(value, before[name]) for name, value in model.weights().items())
    assert all(parameter.requires_grad for parameter in model.stack.parameters())
    assert torch.is_grad_enabled()


@pytest.mark.filterwarnings("ignore:.*torch.jit.*deprecated:FutureWarning")
def test_a_model_in_training_mode_is_exported_in_inference_mode(pytorch, model, tmp_path):
    model.forward(INPUTS, training=True)
    artifact = pytorch.piece("export-torchscript").export(model, INPUTS, str(tmp_path))
    loaded = torch.jit.load(str(tmp_path / artifact["file"]))
    expected = model.forward(INPUTS)
    assert torch.allclose(loaded(torch.tensor(INPUTS)), expected)


@pytest.mark.parametrize("piece", ["export-onnx", "export-executorch", "export-openvino", "export-coreml"])
def test_a_missing_tool_is_named(pytorch, model, piece, monkeypatch, tmp_path):
    found = importlib.util.find_spec

    def none_of_them(name, package=None):
        return None if name.split(".")[0] in {"onnx", "executorch", "openvino", "coremltools"} else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", none_of_them)
    tool = {"export-coreml": "coremltools"}.get(piece, piece.replace("export-", ""))
    with pytest.raises(Unavailable, match=f"{tool} is not installed beside PyTorch: install {tool}"):
        pytorch.piece(piece).export(model, INPUTS, str(tmp_path))


def test_a_missing_package_above_a_tool_is_a_missing_tool():
    assert not _export.importable("no_such_package_of_ours.exir")


def test_aot_inductor_without_a_compiler_says_what_to_install(pytorch, model, monkeypatch, tmp_path):
    monkeypatch.setattr(_export_programs.shutil, "which", lambda _: None)
    with pytest.raises(Unavailable, match="install g"):
        pytorch.piece("export-aot-inductor").export(model, INPUTS, str(tmp_path))


def test_quantising_without_torchao_says_what_to_install(pytorch, model, monkeypatch, tmp_path):
    monkeypatch.setattr(_export_programs, "importable", lambda _: False)
    with pytest.raises(Unavailable, match="install torchao"):
        pytorch.piece("export-torch-export").export_quantized(model, INPUTS, str(tmp_path))


def test_every_format_that_is_written_has_the_three_faults():
    formats = {piece.replace("export-", "") for piece in _export._MODULES}
    if importlib.util.find_spec("litert_torch") is None:
        formats.remove("litert")
    for form in formats:
        names = {
            sabotage.name
            for sabotage in EXPORT_SABOTAGES
            if sabotage.kills == f"export.{form}" and sabotage.case != "quantized"
        }
        # litert-torch bakes in the batch by itself: there is no case that would show it planted.
        baked = set() if form == "litert" else {f"{form}-bakes-in-the-batch"}
        assert names == baked | {f"{form}-drops-a-bias", f"{form}-exports-training"}


def test_the_module_of_one_size_takes_no_other():
    module = OfOneSize(torch.nn.Identity(), (3, 4))
    assert module(torch.zeros(3, 4)).shape == (3, 4)
    with pytest.raises(RuntimeError):
        module(torch.zeros(1, 4))


def test_the_fault_of_training_mode_is_what_training_computes():
    norm = torch.nn.BatchNorm2d(2)
    images = torch.arange(48.0).reshape(3, 2, 2, 4).sin()
    assert torch.allclose(ByTheBatch(norm)(images), norm.train()(images), atol=1e-6)


def test_a_fault_in_a_tool_that_is_not_there_is_no_error(monkeypatch):
    """Its cases are unavailable then; planting it must not end the run."""
    import sys

    monkeypatch.setitem(sys.modules, "openvino", None)
    (sabotage,) = [one for one in EXPORT_SABOTAGES if one.name == "openvino-drops-a-bias"]
    with sabotage.apply():
        pass
