"""Training in the reference: a model, a loss and an optimizer, with checkpoints that hold all of its state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from fwconformance.frameworks._network import Loss
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._model import Model
from fwconformance.frameworks.reference._optimizers import Optimizer
from fwconformance.frameworks.reference._tensor import Tensor


class Trainer:
    """Steps `model` by `optimizer` on `loss`."""

    def __init__(self, model: Model, loss: Loss, optimizer: Optimizer) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer

    def step(self, inputs: Array, targets: Array) -> Tensor:
        """One step on one batch; the loss before it."""
        value, gradients, _ = self.model.differentiate(self.loss, inputs, targets, training=True)
        self.optimizer.apply(self.model.arrays(), gradients)
        return Tensor(value)

    def save(self, path: str) -> None:
        """Write `weights.npz`, `optimizer.npz` and `trainer.json` below `path`."""
        np.savez(Path(path, "weights.npz"), **self.model.arrays())
        slots = {f"{slot}/{name}": value for slot, held in self.optimizer.slots.items() for name, value in held.items()}
        np.savez(Path(path, "optimizer.npz"), **slots)
        with Path(path, "trainer.json").open("w", encoding="utf-8") as file:
            json.dump({"optimizer": type(self.optimizer.description).__name__, "count": self.optimizer.count}, file)

    def load(self, path: str) -> None:
        """Restore what `save` wrote. Raises ValueError where it belongs to another network or optimizer."""
        with Path(path, "trainer.json").open(encoding="utf-8") as file:
            saved: dict[str, Any] = json.load(file)
        kind = type(self.optimizer.description).__name__
        if saved["optimizer"] != kind:
            raise ValueError(f"the checkpoint was written by {saved['optimizer']}, not by {kind}")
        self.load_weights(Path(path, "weights.npz"))
        self.load_slots(Path(path, "optimizer.npz"))
        self.optimizer.count = int(saved["count"])

    def load_weights(self, path: Path) -> None:
        """Restore the model's weights from one file."""
        arrays = self.model.arrays()
        with np.load(path) as stored:
            if set(stored.files) != set(arrays):
                different = sorted(set(stored.files) ^ set(arrays))
                raise ValueError(f"the checkpoint is of another network: it and the model differ in {different}")
            for name, value in arrays.items():
                if stored[name].shape != value.shape:
                    raise ValueError(f"weight {name} is {stored[name].shape} in the checkpoint, not {value.shape}")
                value[...] = stored[name]

    def load_slots(self, path: Path) -> None:
        """Restore the optimizer's state from one file."""
        for held in self.optimizer.slots.values():
            held.clear()
        with np.load(path) as stored:
            for key in stored.files:
                slot, _, name = key.partition("/")
                self.optimizer.slots[slot][name] = stored[key]
