"""Piece "costs" of the reference."""

from __future__ import annotations

import pathlib
from typing import Any, Callable, Iterator, Mapping

import numpy as np

from fwconformance.frameworks import _network as net
from fwconformance.frameworks._costs import Readings
from fwconformance.frameworks._pieces_costs import Pass
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._tensor import Tensor

_FILE = "weights.npz"


class Costs(Readings):
    """See `fwconformance.frameworks._pieces_costs.Costs`. `framework` builds the models."""

    loader = "slices of arrays"
    saved = "numpy.savez"

    def __init__(self, framework: Any) -> None:
        super().__init__(lambda: framework.piece("speed"))
        self._framework = framework

    def passes(self, folder: str, inputs: Array, targets: Array, batch: int, *, shuffle: bool, seed: int) -> Pass:
        rng = np.random.default_rng(seed)

        def batches() -> Iterator[tuple[Tensor, Tensor]]:
            order = rng.permutation(len(inputs)) if shuffle else np.arange(len(inputs))
            for start in range(0, len(inputs), batch):
                rows = order[start : start + batch]
                yield self.drawn(inputs, targets, rows)

        return batches

    def drawn(self, inputs: Array, targets: Array, rows: Array) -> tuple[Tensor, Tensor]:
        """One batch."""
        return Tensor(inputs[rows].astype("float64")), Tensor(targets[rows].astype("float64"))

    def keep(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        return inputs, targets

    def save(self, model: Any, inputs: Array, folder: str) -> Mapping[str, str]:
        np.savez(pathlib.Path(folder, _FILE), **model.arrays())
        return {"file": _FILE}

    def load(self, folder: str, described: Mapping[str, str], network: net.Network) -> Callable[[Array], Tensor]:
        with np.load(pathlib.Path(folder, described["file"])) as stored:
            model = self._framework.build(network, {name: stored[name] for name in stored.files})

        def predict(inputs: Array) -> Tensor:
            outputs: Tensor = model.forward(inputs)
            return outputs

        return predict


PIECES: Mapping[str, Any] = {"costs": Costs}
