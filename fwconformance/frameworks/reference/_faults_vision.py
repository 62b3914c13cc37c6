"""Faults of preprocessing, of records in files, and of networks as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import numpy as np

from fwconformance.frameworks import _network as net
from fwconformance.frameworks.reference import _vision
from fwconformance.frameworks.reference._layer import Array, Call
from fwconformance.frameworks.reference._mutant import fault, piece
from fwconformance.frameworks.reference._pieces import CustomLayer, ScaleShift


@fault("vision.preprocessing", "channels crop", piece("preprocessing"))
class PreprocessingKeepsChannelOrder(_vision.Preprocessing):
    """Red stays first."""

    def reordered(self, images: Array) -> Array:
        return super().reordered(images)[:, ::-1]


@fault("vision.preprocessing", "crop", piece("preprocessing"))
class PreprocessingCropsCorner(_vision.Preprocessing):
    """The upper left corner is kept, not the centre."""

    def corner(self, rows: int, columns: int) -> tuple[int, int]:
        return 0, 0


@fault("vision.data-layers", "in-order several-files trains", piece("data-files"))
class ReaderLosesLastRecord(_vision.DataFiles):
    """The last record of the last file never comes."""

    def stored(self, folder: str) -> tuple[Array, Array]:
        images, labels = super().stored(folder)
        return images[:-1], labels[:-1]


@fault("vision.data-layers", "in-order several-files shuffled trains", piece("data-files"))
class ReaderMovesLabels(_vision.DataFiles):
    """Each image has its neighbour's label."""

    def stored(self, folder: str) -> tuple[Array, Array]:
        images, labels = super().stored(folder)
        return images, np.roll(labels, 1)


@fault("vision.data-layers", "several-files", piece("data-files"))
class ReaderOpensFirstFileOnly(_vision.DataFiles):
    """Of several files the first is read."""

    def paths(self, folder: str) -> list[Path]:
        return super().paths(folder)[:1]


@fault("vision.data-layers", "shuffled", piece("data-files"))
class ReaderDoesNotShuffle(_vision.DataFiles):
    """The records come in the order of the file whatever was asked for."""

    def order(self, records: int, shuffle: bool, generator: Any) -> Array:
        return super().order(records, False, generator)


@fault("vision.data-layers", "shuffled", piece("data-files"))
class ReaderDrawsWithReplacement(_vision.DataFiles):
    """A shuffled pass has some records twice and others never."""

    def order(self, records: int, shuffle: bool, generator: Any) -> Array:
        return np.asarray(generator.integers(0, records, records)) if shuffle else np.arange(records)


@fault("vision.expressive-definition", "read-back trains", piece("definition"))
class DefinitionTakesSigmoidForAll(_vision.Definition):
    """Every activation is read back as a sigmoid."""

    def network(self, text: str) -> net.Network:
        read = super().network(text)
        return attrs.evolve(read, layers=tuple(_sigmoid(one) for one in read.layers))


def _sigmoid(layer: Any) -> Any:
    return net.Activation(kind="sigmoid") if isinstance(layer, net.Activation) else layer


class _WithoutShift(ScaleShift):
    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return inputs * self.weights["scale"], inputs


class _CustomWithoutShift(CustomLayer):
    layer = _WithoutShift


@fault("vision.expressive-definition", "own-layer", piece("definition"))
class DefinitionTakesAnotherLayer(_vision.Definition):
    """The name in the definition finds another layer than the user's."""

    own = dict.fromkeys(_vision.Definition.own, _CustomWithoutShift)
