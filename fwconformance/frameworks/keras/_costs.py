# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What Keras' users wait for beside the work: a PyDataset, and a .keras file."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping

import numpy as np

from fwconformance.frameworks._costs import Readings
from fwconformance.frameworks._network import Network
from fwconformance.frameworks._pieces_costs import Pass
from fwconformance.frameworks._protocol import Array, Tensor
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel
from fwconformance.frameworks.keras._native import Batches, keras
from fwconformance.frameworks.keras._serving import ServingPiece
from fwconformance.frameworks.keras._speed import Speed


class Slices(Batches):
    """Batches of arrays, as the documentation of PyDataset writes such a class; as inputs both, for a model that gives
    back what came to it.
    """

    def __init__(self, inputs: Array, targets: Array, batch: int, rng: Any) -> None:
        super().__init__()
        self._inputs, self._targets, self._batch, self._rng = inputs, targets, batch, rng
        self._order = np.arange(len(inputs))
        self.on_epoch_end()

    def __len__(self) -> int:
        return len(self._inputs) // self._batch

    def __getitem__(self, index: int) -> Any:
        rows = self._order[index * self._batch : (index + 1) * self._batch]
        return ((self._inputs[rows], self._targets[rows].astype("float32")[:, None]),)

    def on_epoch_end(self) -> None:
        if self._rng is not None:
            self._rng.shuffle(self._order)


class Costs(Readings):
    """See `fwconformance.frameworks._pieces_costs.Costs`."""

    loader = "keras.utils.PyDataset, drawn by Model.predict of a model that passes its inputs on"
    saved = "Model.save and keras.saving.load_model of a .keras file"

    def __init__(self, backend: Backend, device: str) -> None:
        super().__init__(lambda: Speed(backend, device))
        self._backend = backend
        self._device = device
        self._files = ServingPiece(backend, device)

    def passes(self, folder: str, inputs: Array, targets: Array, batch: int, *, shuffle: bool, seed: int) -> Pass:
        records = Slices(inputs, targets, batch, np.random.default_rng(seed) if shuffle else None)
        with self._backend.scope(self._device):
            places = [keras.Input(inputs.shape[1:]), keras.Input((1,))]
            mirror = keras.Model(places, [keras.layers.Activation("linear")(place) for place in places])

        def batches() -> Iterator[tuple[Tensor, Tensor]]:
            with self._backend.scope(self._device):
                seen, wanted = mirror.predict(records, verbose=0)
            return ((seen[at : at + batch], wanted[at : at + batch, 0]) for at in range(0, len(seen), batch))

        return batches

    def keep(self, inputs: Any, targets: Any) -> tuple[Tensor, Tensor]:
        with self._backend.scope(self._device):
            return self._backend.tensor(inputs, "float32"), self._backend.tensor(targets, "float32")

    def save(self, model: KerasModel, inputs: Array, folder: str) -> Mapping[str, str]:
        return self._files.save(model, inputs, folder)

    def load(self, folder: str, described: Mapping[str, str], network: Network) -> Callable[[Array], Tensor]:
        return self._files.load(folder, described)


def piece(name: str, backend: Backend, device: str) -> Costs:
    """The piece "costs"."""
    return Costs(backend, device)
