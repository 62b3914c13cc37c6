# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""OpenVINO's intermediate representation, by the converter that comes with OpenVINO."""

from __future__ import annotations

from typing import Any, ClassVar, Mapping

from fwconformance.frameworks.pytorch._export import TorchExporter


class OpenVinoExporter(TorchExporter):
    file = "model.xml"
    needs: ClassVar[Mapping[str, str]] = {"openvino": "openvino"}

    def _write(self, stack: Any, example: Any, target: str) -> None:
        import openvino

        shape = [-1, *example.shape[1:]]
        # Saved in full: half precision, which is its default, is another question.
        openvino.save_model(
            openvino.convert_model(stack, example_input=example, input=[shape]), target, compress_to_fp16=False
        )


EXPORTERS: Mapping[str, Any] = {"export-openvino": OpenVinoExporter}
