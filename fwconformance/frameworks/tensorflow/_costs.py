# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What TensorFlow's users wait for beside the work: tf.data, and a SavedModel."""

from __future__ import annotations

from typing import Callable, Mapping

import tensorflow as tf

from fwconformance.frameworks._costs import Readings
from fwconformance.frameworks._network import Network
from fwconformance.frameworks._pieces_costs import Pass
from fwconformance.frameworks._protocol import Array, Tensor
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, scope
from fwconformance.frameworks.tensorflow._serving import ServingPiece
from fwconformance.frameworks.tensorflow._speed import Speed, wait_for


class Costs(Readings):
    """See `fwconformance.frameworks._pieces_costs.Costs`."""

    loader = "tf.data.Dataset.from_tensor_slices, batch, prefetch"
    saved = "tf.saved_model.save and load"

    def __init__(self, device: str) -> None:
        super().__init__(lambda: Speed(device))
        self._device = device
        self._files = ServingPiece(device)

    def passes(self, folder: str, inputs: Array, targets: Array, batch: int, *, shuffle: bool, seed: int) -> Pass:
        records = tf.data.Dataset.from_tensor_slices((inputs, targets))
        if shuffle:
            records = records.shuffle(len(inputs), seed=seed)
        # In 2.3 it was experimental still.
        found = records.batch(batch).prefetch(getattr(tf.data, "AUTOTUNE", tf.data.experimental.AUTOTUNE))
        return lambda: found

    def keep(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        with scope(self._device):
            return tf.identity(inputs), tf.cast(targets, tf.float32)

    def settle(self) -> None:
        wait_for(self._device)

    def save(self, model: TensorFlowModel, inputs: Array, folder: str) -> Mapping[str, str]:
        return self._files.save(model, inputs, folder)

    def load(self, folder: str, described: Mapping[str, str], network: Network) -> Callable[[Array], Tensor]:
        return self._files.load(folder, described)


def piece(name: str, device: str) -> Costs:
    """The piece "costs"."""
    return Costs(device)
