# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What PyTorch has served: the program of torch.export. TorchServe, its own server, is archived."""

from __future__ import annotations

import os
from typing import Any, Callable, Mapping

import torch

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks.pytorch._export_programs import ProgramExporter


class ServingPiece:
    """See `fwconformance.frameworks._pieces_serving.Serving`."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def save(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        return ProgramExporter(self._device).export(model, inputs, folder)

    def load(self, folder: str, described: Mapping[str, str]) -> Callable[[Any], Any]:
        artifact = Artifact.from_json(described)
        program = torch.export.load(os.path.join(folder, artifact.file))  # noqa: PTH118 - what it takes
        if self._device.type != "cpu":
            from torch.export import passes

            program = passes.move_to_device_pass(program, str(self._device))
        module = program.module()

        def predict(inputs: Any) -> Any:
            with torch.no_grad():
                return module(torch.tensor(inputs, dtype=torch.float32, device=self._device))

        return predict


def piece(name: str, device: Any) -> Any:
    return ServingPiece(device)
