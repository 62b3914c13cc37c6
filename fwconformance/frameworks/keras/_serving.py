# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What Keras has served: its own .keras file, the same on every backend."""

from __future__ import annotations

import os
from typing import Any, Callable, Mapping

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._protocol import Array, Tensor
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._export import FileExporter
from fwconformance.frameworks.keras._model import KerasModel
from fwconformance.frameworks.keras._native import saving


class ServingPiece:
    """See `fwconformance.frameworks._pieces_serving.Serving`."""

    def __init__(self, backend: Backend, device: str) -> None:
        self._backend = backend
        self._device = device

    def save(self, model: KerasModel, inputs: Array, folder: str) -> Mapping[str, str]:
        return FileExporter(self._backend, self._device, "model.keras").export(model, inputs, folder)

    def load(self, folder: str, described: Mapping[str, str]) -> Callable[[Array], Tensor]:
        artifact = Artifact.from_json(described)
        backend, device = self._backend, self._device
        with backend.scope(device):
            # Not compiled: that is about training.
            model = saving.load_model(os.path.join(folder, artifact.file), compile=False)  # noqa: PTH118
            run = backend.forward(model, False)

        def predict(inputs: Array) -> Tensor:
            with backend.scope(device):
                return run([backend.tensor(inputs, "float32")], False)

        return predict


def piece(name: str, backend: Backend, device: str) -> Any:
    return ServingPiece(backend, device)
