# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What TensorFlow has served: a SavedModel, the format of TensorFlow Serving, which Python's index does not have."""

from __future__ import annotations

import os
from typing import Any, Callable, Mapping

import tensorflow as tf

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._protocol import Array, Tensor
from fwconformance.frameworks.tensorflow._export_saved_model import SavedModelExporter
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, scope


class ServingPiece:
    """See `fwconformance.frameworks._pieces_serving.Serving`."""

    def __init__(self, device: str) -> None:
        self._device = device

    def save(self, model: TensorFlowModel, inputs: Array, folder: str) -> Mapping[str, str]:
        return SavedModelExporter(self._device).export(model, inputs, folder)

    def load(self, folder: str, described: Mapping[str, str]) -> Callable[[Array], Tensor]:
        artifact = Artifact.from_json(described)
        with scope(self._device):
            loaded = tf.saved_model.load(os.path.join(folder, artifact.file))  # noqa: PTH118 - what it takes

        def predict(inputs: Array) -> Tensor:
            with scope(self._device):
                # A signature holds no reference to what was loaded, whose variables would be gone.
                (outputs,) = loaded.signatures[artifact.entry](inputs=tf.constant(inputs, tf.float32)).values()
                return outputs

        return predict


def piece(name: str, device: str) -> Any:
    return ServingPiece(device)
