"""Piece "speed": the reference has one mode."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import numpy as np

from fwconformance.frameworks import _network as net
from fwconformance.frameworks._arithmetic import of_numpy
from fwconformance.frameworks._protocol import NotAdapted, Weights
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._tensor import Tensor


class Timed:
    """`Timed` of the seam."""

    def __init__(self, model: Any, trainer: Any, call: Callable[[], Tensor]) -> None:
        self.model = model
        self.trainer = trainer
        self.call = call


class Speed:
    """Piece "speed". `framework` builds the models."""

    modes: Mapping[str, str] = {"default": "NumPy, float64, operation by operation"}
    best = "default"
    layout = "channels first"

    @property
    def arithmetic(self) -> str:
        return of_numpy(np)

    def __init__(self, framework: Any) -> None:
        self._framework = framework

    def inference(self, network: net.Network, weights: Weights, inputs: Array, mode: str) -> Timed:
        model = self._build(network, weights, mode)
        return Timed(model, None, lambda: model.forward(inputs))

    def training(self, work: Training, mode: str) -> Timed:
        ((inputs, targets),) = work.batches
        model = self._build(work.network, work.weights, mode)
        trainer = self._framework.trainer(model, work.loss, work.optimizer)
        return Timed(model, trainer, lambda: trainer.step(inputs, targets))

    def _build(self, network: net.Network, weights: Weights, mode: str) -> Any:
        if mode not in self.modes:
            raise NotAdapted(f"the reference has no mode {mode!r}; it has {', '.join(self.modes)}")
        return self._framework.build(network, weights)


PIECES: Mapping[str, Any] = {"speed": Speed}
