# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Exporters of Keras: its own files, `Model.export`, and for formats without one there, what the backend offers."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import pathlib
import re
import tempfile
import warnings
from typing import Any, Iterator, Mapping

import attrs

from fwconformance.frameworks import _tfjs
from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._probes import Refusal, Seen, refuse
from fwconformance.frameworks._protocol import Array, NotAdapted, Unavailable
from fwconformance.frameworks.keras import _export_earlier
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel
from fwconformance.frameworks.keras._native import keras

#: What the export imports beside Keras and its backend: by format, then by backend, modules (named as distributions).
_NEEDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "onnx": {"tensorflow": ("onnx", "tf2onnx"), "torch": ("onnx", "onnxscript"), "jax": ("onnx", "jax2onnx")},
    # Its OpenVINO code imports SciPy, which Keras does not ask for.
    "openvino": {
        "tensorflow": ("openvino", "scipy"),
        "torch": ("openvino", "scipy"),
        "jax": ("openvino", "scipy", "tensorflow"),
    },
    "tf_saved_model": {"torch": ("torch_xla", "tensorflow"), "jax": ("tensorflow",)},
    "litert": {"torch": ("litert_torch",)},
}


@attrs.frozen
class FileExporter:
    """`Model.save`: the architecture and the weights, in `file`."""

    backend: Backend
    device: str
    file: str

    def export(self, model: KerasModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """See `Exporter.export`. Raises Unavailable without h5py."""
        look(("h5py",), self.backend.name)
        with exporting(self.backend, self.device):
            model.native.save(os.path.join(folder, self.file))  # noqa: PTH118 - what Keras takes
        return Artifact(file=self.file).to_json()


@attrs.frozen
class ModelExporter:
    """`Model.export`.

    Attributes:
        format: Keras' word for it.
        file: what is written, below the folder given.
        entry: see `Artifact`.
    """

    backend: Backend
    device: str
    format: str
    file: str
    entry: str = ""

    def export(self, model: KerasModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """See `Exporter.export`. Raises Unavailable where a package is missing."""
        look(_NEEDS.get(self.format, {}).get(self.backend.name, ()), self.backend.name)
        with exporting(self.backend, self.device):
            self._write(model.native, os.path.join(folder, self.file))  # noqa: PTH118 - what Keras takes
        return Artifact(file=self.file, entry=self.entry).to_json()

    def _write(self, native: Any, target: str, **options: Any) -> None:
        if self.format == "torch":
            import torch

            # Left out, the batch size is baked in: Keras documents this way.
            options["dynamic_shapes"] = {0: torch.export.Dim("batch")}
        if not hasattr(native, "export"):
            _export_earlier.write(self.format, native, target, **options)
            return
        with _translated(self.format):
            native.export(target, format=self.format, verbose=False, **options)


class LiteRtExporter(ModelExporter):
    """`Model.export(format="litert")`, with its converter's optimisations for `export_quantized`."""

    def _write(self, native: Any, target: str, **options: Any) -> None:
        super()._write(native, target, **options)
        refuse_flex(pathlib.Path(target).read_bytes())

    def export_quantized(self, model: KerasModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """Weights and activations in 8-bit integers, calibrated on `inputs`; inputs and outputs stay float32."""
        look(_NEEDS[self.format].get(self.backend.name, ()), self.backend.name)
        if self.backend.name != "tensorflow":
            raise NotAdapted(f"the Keras adapter does not quantise for LiteRT on {self.backend.name} yet")
        import tensorflow as tf

        options = {
            "optimizations": [tf.lite.Optimize.DEFAULT],
            "representative_dataset": lambda: ([row[None]] for row in inputs),
        }
        with exporting(self.backend, self.device):
            self._write(model.native, os.path.join(folder, self.file), **options)  # noqa: PTH118
        return Artifact(file=self.file).to_json()


class TensorFlowJsExporter(ModelExporter):
    """`Model.export` to a SavedModel, and TensorFlow.js' converter of that."""

    def _write(self, native: Any, target: str, **options: Any) -> None:
        with tempfile.TemporaryDirectory() as saved:
            super()._write(native, saved, **options)
            _tfjs.convert(saved, target, self.entry)


@attrs.frozen
class StableHloExporter:
    """jax.export of the model's `stateless_call`, its weights constants of the program, the batch size symbolic."""

    backend: Backend
    device: str
    file: str = "model.stablehlo"

    def export(self, model: KerasModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """See `Exporter.export`. Raises Unavailable without flatbuffers, which jax.export writes by."""
        look(("flatbuffers",), self.backend.name)
        import jax
        import jax.export

        native = model.native
        with exporting(self.backend, self.device):
            trained = [variable.value for variable in native.trainable_variables]
            kept = [variable.value for variable in native.non_trainable_variables]

            def infer(given: Any) -> Any:
                return native.stateless_call(trained, kept, given, training=False)[0]

            (batch,) = jax.export.symbolic_shape("batch")
            given = jax.ShapeDtypeStruct((batch, *inputs.shape[1:]), inputs.dtype)
            program = jax.export.export(jax.jit(infer))(given)
            with open(os.path.join(folder, self.file), "wb") as file:  # noqa: PTH118, PTH123
                file.write(program.serialize())
        return Artifact(file=self.file).to_json()


@contextlib.contextmanager
def exporting(backend: Backend, device: str) -> Iterator[None]:
    """In the backend's scope. Converters warn of what they change; where warnings are errors (pytest settings) that
    would end them.
    """
    with backend.scope(device), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _translated(name: str) -> Iterator[None]:
    """Inside, that OpenVINO has no rule for an operation of the model is `Unsupported`, by its own words."""
    try:
        yield
    except Exception as error:  # its words say what it is, whatever its class
        text = " ".join(str(error).split())
        where = text.find("No conversion rule found")
        if where < 0:
            raise
        said = f"keras.Model.export(format={name!r}): {type(error).__name__}: {text[where : where + 120]}"
        refuse(Seen(absent=True, evidence=said))


def refuse_flex(content: bytes) -> None:
    """Raises `Unsupported` where a LiteRT file asks for TensorFlow's operations ("Flex"), which LiteRT's own runtime
    does not have: it needs all of TensorFlow beside it.
    """
    found = sorted({name.decode() for name in re.findall(rb"Flex[A-Z][A-Za-z0-9]+", content)} - {"FlexDelegate"})
    if found:
        refuse(Seen(absent=True, evidence=f"the file needs operations of TensorFlow itself: {', '.join(found)}"))


def look(modules: tuple[str, ...], backend: str) -> None:
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        named = " and ".join(missing)
        raise Unavailable(f"{named} not installed beside Keras on {backend}: install {named}")


def _tiny() -> Any:
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


def not_exported(name: str, saying: str, model: Any = None) -> Refusal:
    """`Model.export` in a format that Keras refuses, by its own message."""
    return Refusal(
        call=lambda: (model or _tiny()).export("nowhere", format=name, verbose=False),
        label=f"keras.Model.export(format={name!r}) on {keras.backend.backend()}",
        error=ValueError,
        saying=saying,
    )


def _by_backend(name: str, backend: Backend, device: str) -> Any:
    return importlib.import_module(f"{__package__}._export_{backend.name}").EXPORTERS[name](backend, device)


_FILES = {"export-keras-file": "model.keras", "export-hdf5": "model.h5"}
#: The signature of a SavedModel.
_SERVED = "serve" if hasattr(keras.Model, "export") else _export_earlier.SIGNATURE
_EXPORTED = {
    "export-saved-model": ("tf_saved_model", "saved-model", _SERVED),
    "export-onnx": ("onnx", "model.onnx", ""),
    "export-openvino": ("openvino", "model.xml", ""),
    "export-torch-export": ("torch", "model.pt2", ""),
}

#: Formats of PyTorch's family that Keras has no word for.
_UNKNOWN = {
    "export-torchscript": "torchscript",
    "export-aot-inductor": "aot_inductor",
    "export-executorch": "executorch",
}


def piece(name: str, backend: Backend, device: str) -> Any:
    """The exporter `name`. Raises Unsupported where Keras refuses the format, NotAdapted for one that is not here."""
    if name in _FILES:
        return FileExporter(backend, device, _FILES[name])
    if name in _UNKNOWN:
        refuse(not_exported(_UNKNOWN[name], "Unrecognized format"))
    if name == "export-litert":
        if backend.name == "jax":
            refuse(not_exported("litert", "requires TensorFlow or PyTorch"))
        return LiteRtExporter(backend, device, "litert", "model.tflite")
    if name == "export-torch-export" and backend.name != "torch":
        refuse(not_exported("torch", "requires PyTorch"))
    if name == "export-stablehlo":
        if backend.name == "jax":
            return StableHloExporter(backend, device)
        if backend.name == "tensorflow":
            return _by_backend(name, backend, device)
        refuse(not_exported("stablehlo", "Unrecognized format"))
    if name == "export-coreml":
        if backend.name == "jax":
            refuse(not_exported("coreml", "Unrecognized format"), note="coremltools reads TensorFlow and PyTorch alone")
        return _by_backend(name, backend, device)
    if name == "export-tensorflow-js":
        return TensorFlowJsExporter(backend, device, "tf_saved_model", "tensorflow-js", _SERVED)
    if name in _EXPORTED:
        return ModelExporter(backend, device, *_EXPORTED[name])
    raise NotAdapted(f"the Keras adapter does not offer the piece {name!r} yet")
