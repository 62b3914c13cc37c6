# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""ONNX by torch.onnx, from a program of torch.export; by tracing in a PyTorch older than that."""

from __future__ import annotations

from typing import Any, ClassVar, Mapping

import torch

from fwconformance.frameworks.pytorch._export import TorchExporter, any_batch


class TracedOnnxExporter(TorchExporter):
    """What torch.onnx.export did before 2.1: it needs no other package."""

    file = "model.onnx"

    def _write(self, stack: Any, example: Any, target: str) -> None:
        free = {name: {0: "batch"} for name in ("inputs", "outputs")}
        torch.onnx.export(
            stack, (example,), target, input_names=["inputs"], output_names=["outputs"], dynamic_axes=free
        )


class OnnxExporter(TorchExporter):
    file = "model.onnx"
    needs: ClassVar[Mapping[str, str]] = {"onnx": "onnx", "onnxscript": "onnxscript"}

    def _write(self, stack: Any, example: Any, target: str) -> None:
        torch.onnx.export(
            stack, (example,), target, dynamo=True, dynamic_shapes=any_batch(), external_data=False, verbose=False
        )


EXPORTERS: Mapping[str, Any] = {"export-onnx": OnnxExporter if hasattr(torch, "export") else TracedOnnxExporter}
