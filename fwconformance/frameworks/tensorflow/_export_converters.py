# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Formats by converters that are not in TensorFlow: tf2onnx, coremltools, OpenVINO's own, and that of TensorFlow.js."""

from __future__ import annotations

import tempfile
from typing import Any, ClassVar, Mapping

import tensorflow as tf

from fwconformance.frameworks import _coreml, _tf2onnx, _tfjs
from fwconformance.frameworks.tensorflow._export import Served, TensorFlowExporter, translated


class OnnxExporter(TensorFlowExporter):
    """``tf2onnx.convert.from_function``; before tf2onnx 1.8 its command, of a SavedModel."""

    file = "model.onnx"
    needs: ClassVar[Mapping[str, str]] = {"onnx": "onnx", "tf2onnx": "tf2onnx"}

    def _write(self, model: Any, served: Served, target: str) -> None:
        import onnx

        convert = _tf2onnx.convert_module()
        if hasattr(convert, "from_function"):
            convert.from_function(served.serve, input_signature=[served.signature(model)], opset=18, output_path=target)
        else:
            with tempfile.TemporaryDirectory() as folder:
                _save(served, folder)
                _tf2onnx.convert_saved_model(folder, target, _SIGNATURE)
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
            _save(served, folder)
            with translated("openvino.convert_model"):
                converted = openvino.convert_model(folder)
            # Saved in full: half precision, which is its default, is another question.
            openvino.save_model(converted, target, compress_to_fp16=False)


class CoreMlExporter(TensorFlowExporter):
    """``coremltools.convert`` of the concrete function."""

    file = _coreml.FILE
    needs: ClassVar[Mapping[str, str]] = {"coremltools": _coreml.PACKAGE}

    def _write(self, model: Any, served: Served, target: str) -> None:
        # What the signature says, as it is: a size that is fixed there is fixed in the file.
        (spec,) = served.serve.input_signature
        _coreml.write([served.serve.get_concrete_function()], "tensorflow", tuple(spec.shape), target)


class TensorFlowJsExporter(TensorFlowExporter):
    """``tensorflowjs_converter`` of a SavedModel, as TensorFlow.js' own guide has it."""

    file = "tensorflow-js"

    def _write(self, model: Any, served: Served, target: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            _save(served, folder)
            _tfjs.convert(folder, target, _SIGNATURE)


_SIGNATURE = "serving_default"


def _save(served: Served, folder: str) -> None:
    tf.saved_model.save(served, folder, signatures={_SIGNATURE: served.serve.get_concrete_function()})


EXPORTERS: Mapping[str, Any] = {
    "export-onnx": OnnxExporter,
    "export-openvino": OpenVinoExporter,
    "export-coreml": CoreMlExporter,
    "export-tensorflow-js": TensorFlowJsExporter,
}
