"""Faults of the reference's program."""

from __future__ import annotations

from typing import Any, Mapping

import attrs
import numpy as np

from fwconformance.frameworks._training import Training
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._mutant import fault, piece
from fwconformance.frameworks.reference._tensor import Tensor
from fwconformance.frameworks.reference._tool import CommandLine


@fault("train.command-line", "trains", piece("command-line"))
class ToolStopsEarly(CommandLine):
    """The program takes a step less than it was told."""

    def train(
        self, folder: str, training: Training, images: Array, labels: Array, **settings: Any
    ) -> Mapping[str, Any]:
        return super().train(folder, training, images, labels, **{**settings, "steps": settings["steps"] - 1})


@fault("train.command-line", "trains tests", piece("command-line"))
class ToolIgnoresWeights(CommandLine):
    """The program starts from weights of its own."""

    def _run(self, command: str, folder: str, training: Training, *records: Array, batch: int, steps: int) -> str:
        own = {name: np.full_like(value, 0.1) for name, value in training.weights.items()}
        changed = attrs.evolve(training, weights=own)
        return super()._run(command, folder, changed, *records, batch=batch, steps=steps)


@fault("train.command-line", "times", piece("command-line"))
class ToolDoesNotTime(CommandLine):
    """The program prints no time but 0."""

    def time(self, folder: str, training: Training, images: Array, labels: Array, *, batch: int) -> Tensor:
        return Tensor(np.float64(0.0))
