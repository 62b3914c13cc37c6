# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""Keras as a framework of the seam."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from fwconformance.frameworks._network import Loss, Network, Optimizer
from fwconformance.frameworks._protocol import Array, Sabotage, Tensor, TensorInfo, Unavailable, Weights
from fwconformance.frameworks.keras import _backends, _pieces, _refusals
from fwconformance.frameworks.keras._model import KerasModel
from fwconformance.frameworks.keras._native import VERSION, keras, ops, seed_all
from fwconformance.frameworks.keras._training import KerasTrainer

_MISSING = {"cuda": "no CUDA device", "tpu": "no TPU device"}


class Keras:
    """Keras 3 on one backend and one device. Models are functional, images channels_last inside, float32."""

    name = "keras"

    def __init__(self, backend: str, device: str) -> None:
        running = keras.backend.backend()
        if running != backend:
            raise Unavailable(f"Keras runs on {running} in this process, not on {backend}")
        self.backend = backend
        self.native = _backends.load(backend)
        self.device = self._resolve(device)

    def _resolve(self, device: str) -> str:
        here = self.devices()
        if device == "auto":
            return next((kind for kind in ("tpu", "cuda") if kind in here), "cpu")
        kind = device.partition(":")[0]
        if kind not in here:
            raise Unavailable(_MISSING.get(kind, f"no device {device!r} for Keras on {self.backend}"))
        return device

    def versions(self) -> Mapping[str, str]:
        """Keras and its backend."""
        return {"keras": VERSION, **self.native.versions()}

    def devices(self) -> Sequence[str]:
        """Device kinds that the backend sees."""
        return self.native.devices()

    def describe(self, tensor: Tensor) -> TensorInfo:
        """What a tensor of the backend says of itself. Raises TypeError, for a symbolic KerasTensor too."""
        return self.native.describe(tensor)

    def to_numpy(self, tensor: Tensor) -> Array:
        """The values, on the host."""
        return ops.convert_to_numpy(tensor)

    def seed(self, seed: int) -> None:
        """`keras.utils.set_random_seed`: also Python's and NumPy's, since Keras draws the seeds of its layers from
        them.
        """
        seed_all(seed)

    def build(self, network: Network, weights: Weights | None = None) -> KerasModel:
        """A functional model of `network`."""
        return KerasModel(network, self.native, self.device, weights)

    def trainer(self, model: KerasModel, loss: Loss, optimizer: Optimizer) -> KerasTrainer:
        """`compile` and `train_on_batch`."""
        return KerasTrainer(model, loss, optimizer)

    def adam_placement(self) -> str:
        """Measured: one step of Keras' Adam."""
        with self.native.scope(self.device):
            return _refusals.measured_placement()

    def own_conventions(self, kind: str) -> Mapping[str, Any]:
        """Measured: see `Seam.own_conventions`."""
        from fwconformance.frameworks.keras._optimizers import own_conventions

        with self.native.scope(self.device):
            return own_conventions(kind)

    def piece(self, name: str) -> Any:
        """See `fwconformance.frameworks.keras._pieces`."""
        return _pieces.piece(name, self.native, self.device)

    def sabotages(self) -> Sequence[Sabotage]:
        """See `fwconformance.frameworks.keras._sabotages`."""
        from fwconformance.frameworks.keras._sabotages import sabotages

        return sabotages(self)
