"""Readings of what is waited for beside the work itself, the same for every framework."""

from __future__ import annotations

import time
from typing import Any, Callable, Mapping

import numpy as np

from fwconformance.frameworks._network import Network
from fwconformance.frameworks._pieces_costs import Pass, seconds
from fwconformance.frameworks._protocol import Array, OnHost, Tensor, Weights
from fwconformance.frameworks._training import Training


class Readings:
    """The part of `_pieces_costs.Costs` that measures. `speed`: makes the piece "speed" of the same framework."""

    def __init__(self, speed: Callable[[], Any]) -> None:
        self._speed = speed

    def passes(self, folder: str, inputs: Array, targets: Array, batch: int, *, shuffle: bool, seed: int) -> Pass:
        raise NotImplementedError

    def keep(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        raise NotImplementedError

    def settle(self) -> None:
        """Nothing is queued on the CPU, in most frameworks."""

    def load(self, folder: str, described: Mapping[str, str], network: Network) -> Callable[[Array], Tensor]:
        raise NotImplementedError

    def first_outputs(self, network: Network, weights: Weights, inputs: Array) -> Mapping[str, Any]:
        timed = self._speed().inference(network, weights, inputs, "default")
        return {"outputs": _passed_on(timed.call()), "weights": timed.model.weights()}

    def first_steps(self, work: Training, mode: str, steps: int) -> Mapping[str, Any]:
        speed = self._speed()
        began = time.perf_counter()
        timed = speed.training(work, speed.best if mode == "best" else mode)
        built = time.perf_counter()
        marks = [built]
        for _ in range(steps):
            loss = timed.call()
            marks.append(time.perf_counter())
        first, *later = np.diff(marks)
        found = {"build": seconds(built - began), "first": seconds(first), "later": seconds(later)}
        return {**found, "loss": _passed_on(loss), "weights": timed.model.weights()}

    def load_data(
        self,
        folder: str,
        inputs: Array,
        targets: Array,
        batch: int,
        count: int,
        *,
        shuffle: bool = False,
        seed: int = 0,
    ) -> Mapping[str, Any]:
        passes = self.passes(folder, inputs, targets, batch, shuffle=shuffle, seed=seed)
        marks = [time.perf_counter()]
        for _ in range(count):
            for _batch in passes():
                pass
            self.settle()
            marks.append(time.perf_counter())
        return {"seconds": seconds(np.diff(marks)), "batches": [self.keep(*each) for each in passes()]}

    def load_model(
        self, folder: str, described: Mapping[str, str], network: Network, inputs: Array
    ) -> Mapping[str, Any]:
        began = time.perf_counter()
        predict = self.load(folder, described, network)
        self.settle()
        return {"seconds": seconds(time.perf_counter() - began), "outputs": predict(inputs)}


def _passed_on(result: Any) -> Any:
    """A native tensor, or the NumPy values that the framework's own method gives."""
    if isinstance(result, (np.ndarray, np.generic, float)):
        return OnHost(values=result, by="the framework's own method")
    return result
