# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""LiteRT (once TensorFlow Lite), by the converter that comes with TensorFlow."""

from __future__ import annotations

import inspect
import pathlib
from typing import Any, Mapping

import tensorflow as tf

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._protocol import Array
from fwconformance.frameworks.tensorflow._export import Served, TensorFlowExporter, translated
from fwconformance.frameworks.tensorflow._model import scope


class LiteRtExporter(TensorFlowExporter):
    """tf.lite.TFLiteConverter.from_concrete_functions, with LiteRT's own operations alone."""

    file = "model.tflite"

    def _write(self, model: Any, served: Served, target: str) -> None:
        with translated("tf.lite.TFLiteConverter"):
            content = _converter(served).convert()
        pathlib.Path(target).write_bytes(content)

    def export_quantized(self, model: Any, inputs: Array, folder: str) -> Mapping[str, str]:
        """Weights and activations in 8-bit integers, calibrated on `inputs`; inputs and outputs stay float32."""
        with scope(self.device):
            converter = _converter(Served(model))
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: ([row[None]] for row in inputs)
            (pathlib.Path(folder) / self.file).write_bytes(converter.convert())
        return Artifact(file=self.file).to_json()


def _converter(served: Served) -> Any:
    make = tf.lite.TFLiteConverter.from_concrete_functions
    # Since 2.7 it asks for the object that owns the variables.
    owner = (served,) if "trackable_obj" in inspect.signature(make).parameters else ()
    return make([served.serve.get_concrete_function()], *owner)


EXPORTERS: Mapping[str, Any] = {"export-litert": LiteRtExporter}
