"""Faults in what is waited for beside the work: quick, and wrong."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import numpy as np

from fwconformance.frameworks import _network as net
from fwconformance.frameworks._pieces_costs import Pass
from fwconformance.frameworks.reference._costs import Costs
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._model import Model
from fwconformance.frameworks.reference._mutant import fault, part, piece
from fwconformance.frameworks.reference._tensor import Tensor
from fwconformance.frameworks.reference._trainer import Trainer


@fault("costs.start", "import", part("model"))
class StartsBeforeItsWeights(Model):
    """The first outputs of a model are those of weights that are not there yet."""

    def forward(self, inputs: Array, *, training: bool = False, lengths: Array | None = None) -> Tensor:
        outputs = super().forward(inputs, training=training, lengths=lengths)
        if not hasattr(self, "begun"):
            self.begun = True
            return Tensor(np.zeros_like(outputs.array))
        return outputs


@fault("costs.start", "first-call peak-memory", part("trainer"))
class FirstStepOnlyWarmsUp(Trainer):
    """The first step of a trainer prepares what the later ones need, and moves no weight."""

    def step(self, inputs: Array, targets: Array) -> Tensor:
        if not hasattr(self, "warm"):
            self.warm = True
            value, _, _ = self.model.differentiate(self.loss, inputs, targets, training=True)
            return Tensor(value)
        return super().step(inputs, targets)


@fault("costs.loading", "data data-shuffled", piece("costs"))
class LoaderLeavesOutLastBatch(Costs):
    """A pass ends one batch early."""

    def passes(self, folder: str, inputs: Array, targets: Array, batch: int, *, shuffle: bool, seed: int) -> Pass:
        whole = super().passes(folder, inputs, targets, batch, shuffle=shuffle, seed=seed)
        return lambda: list(whole())[:-1]


@fault("costs.loading", "data data-shuffled", piece("costs"))
class LoaderMovesLabels(Costs):
    """Within a batch each example has its neighbour's label."""

    def drawn(self, inputs: Array, targets: Array, rows: Array) -> tuple[Tensor, Tensor]:
        images, _ = super().drawn(inputs, targets, rows)
        return images, super().drawn(inputs, targets, np.roll(rows, 1))[1]


@fault("costs.loading", "data-shuffled", piece("costs"))
class LoaderDoesNotShuffle(Costs):
    """The order is the one given whatever was asked for."""

    def passes(self, folder: str, inputs: Array, targets: Array, batch: int, *, shuffle: bool, seed: int) -> Pass:
        return super().passes(folder, inputs, targets, batch, shuffle=False, seed=seed)


@fault("costs.loading", "data-shuffled", piece("costs"))
class LoaderDrawsWithReplacement(Costs):
    """Some examples come twice in a pass, others never."""

    def drawn(self, inputs: Array, targets: Array, rows: Array) -> tuple[Tensor, Tensor]:
        return super().drawn(inputs, targets, np.where(rows % 7, rows, 0))


@fault("costs.loading", "data", piece("costs"))
class LoaderShufflesUnasked(Costs):
    """The order is another one whatever was asked for."""

    def passes(self, folder: str, inputs: Array, targets: Array, batch: int, *, shuffle: bool, seed: int) -> Pass:
        return super().passes(folder, inputs, targets, batch, shuffle=True, seed=seed)


@fault("costs.loading", "model", piece("costs"))
class SavedModelReadAsItWasDrawn(Costs):
    """The file is opened, and the model keeps the weights that it was built with."""

    def load(self, folder: str, described: Mapping[str, str], network: net.Network) -> Callable[[Array], Tensor]:
        super().load(folder, described, network)
        model: Any = self._framework.build(network)
        predict: Callable[[Array], Tensor] = model.forward
        return predict
