# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Formats by converters of other projects, which TensorFlow's users are sent to: tf2onnx, and OpenVINO's own."""

from __future__ import annotations

import tempfile
from typing import Any, ClassVar, Mapping

import tensorflow as tf

from fwconformance.frameworks.tensorflow._export import Served, TensorFlowExporter, translated


class OnnxExporter(TensorFlowExporter):
    """``tf2onnx.convert.from_function``."""

    file = "model.onnx"
    needs: ClassVar[Mapping[str, str]] = {"onnx": "onnx", "tf2onnx": "tf2onnx"}

    def _write(self, model: Any, served: Served, target: str) -> None:
        import onnx
        import tf2onnx

        tf2onnx.convert.from_function(
            served.serve, input_signature=[served.signature(model)], opset=18, output_path=target
        )
        # What it cannot translate it leaves in the file as it was.
        with translated("tf2onnx"):
            onnx.checker.check_model(target)


class OpenVinoExporter(TensorFlowExporter):
    """``openvino.convert_model`` of a SavedModel."""

    file = "model.xml"
    needs: ClassVar[Mapping[str, str]] = {"openvino": "openvino"}

    def _write(self, model: Any, served: Served, target: str) -> None:
        import openvino

        with tempfile.TemporaryDirectory() as folder:
            tf.saved_model.save(served, folder, signatures={"serving_default": served.serve.get_concrete_function()})
            with translated("openvino.convert_model"):
                converted = openvino.convert_model(folder)
            # Saved in full: half precision, which is its default, is another question.
            openvino.save_model(converted, target, compress_to_fp16=False)


EXPORTERS: Mapping[str, Any] = {"export-onnx": OnnxExporter, "export-openvino": OpenVinoExporter}
