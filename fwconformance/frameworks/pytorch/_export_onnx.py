# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""ONNX by torch.onnx, from a program of torch.export."""

from __future__ import annotations

from typing import Any, ClassVar, Mapping

import torch

from fwconformance.frameworks.pytorch._export import TorchExporter, any_batch


class OnnxExporter(TorchExporter):
    file = "model.onnx"
    needs: ClassVar[Mapping[str, str]] = {"onnx": "onnx", "onnxscript": "onnxscript"}

    def _write(self, stack: Any, example: Any, target: str) -> None:
        torch.onnx.export(
            stack, (example,), target, dynamo=True, dynamic_shapes=any_batch(), external_data=False, verbose=False
        )


EXPORTERS: Mapping[str, Any] = {"export-onnx": OnnxExporter}
