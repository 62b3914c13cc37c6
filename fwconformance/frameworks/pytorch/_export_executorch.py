# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""ExecuTorch, from a program of torch.export, with its portable kernels."""

from __future__ import annotations

import pathlib
from typing import Any, ClassVar, Mapping

import torch

from fwconformance.frameworks.pytorch._export import TorchExporter

# ExecuTorch plans its memory ahead, so it asks for a largest batch. Far above what any case runs.
_LARGEST = 64


class ExecuTorchExporter(TorchExporter):
    file = "model.pte"
    needs: ClassVar[Mapping[str, str]] = {"executorch.exir": "executorch"}

    def _write(self, stack: Any, example: Any, target: str) -> None:
        from executorch.exir import to_edge_transform_and_lower

        batch = torch.export.Dim("batch", max=_LARGEST)
        program = torch.export.export(stack, (example,), dynamic_shapes=({0: batch},))
        pathlib.Path(target).write_bytes(to_edge_transform_and_lower(program).to_executorch().buffer)


EXPORTERS: Mapping[str, Any] = {"export-executorch": ExecuTorchExporter}
