"""The reference's preprocessing, its records in .npz files, and its networks as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np

from fwconformance.frameworks import _network as net
from fwconformance.frameworks._protocol import Weights
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._pieces import CustomLayer
from fwconformance.frameworks.reference._tensor import Tensor

_LAYERS = {kind.__name__: kind for kind in (net.Conv2D, net.Activation, net.Pool2D, net.Flatten, net.Dense)}
_OWN = "ScaleShift"


class Preprocessing:
    """Piece "preprocessing"."""

    def batch(self, images: Array, mean: Array, scale: float, height: int, width: int) -> Tensor:
        top, left = self.corner(images.shape[1] - height, images.shape[2] - width)
        cut = images[:, top : top + height, left : left + width]
        return Tensor((self.reordered(cut) - mean[:, None, None]) * scale)

    def reordered(self, images: Array) -> Array:
        """Blue, green, red, before rows and columns."""
        return np.asarray(images[..., ::-1].transpose(0, 3, 1, 2))

    def corner(self, rows: int, columns: int) -> tuple[int, int]:
        """Where the part that is kept begins, so many rows and columns being cut off."""
        return rows // 2, columns // 2


class DataFiles:
    """Piece "data-files"."""

    def write(self, folder: str, images: Array, labels: Array, files: int) -> None:
        parts = zip(np.array_split(images, files), np.array_split(labels, files))
        for number, (some, theirs) in enumerate(parts):
            np.savez(Path(folder, f"records-{number:03d}.npz"), images=some, labels=theirs)

    def read(
        self, folder: str, batch: int, count: int, *, shuffle: bool = False, seed: int = 0
    ) -> list[tuple[Tensor, Tensor]]:
        return [
            (Tensor(images), Tensor(labels)) for images, labels in self._batches(folder, batch, count, shuffle, seed)
        ]

    def train(self, folder: str, training: Training, batch: int, steps: int) -> Mapping[str, Tensor]:
        from fwconformance.frameworks.reference._framework import Reference

        reference = Reference()
        model = reference.build(training.network, training.weights)
        trainer = reference.trainer(model, training.loss, training.optimizer)
        for images, labels in self._batches(folder, batch, steps, False, 0):
            trainer.step(images, labels.astype("int64"))
        return trainer.model.weights()

    def stored(self, folder: str) -> tuple[Array, Array]:
        """All images and labels, in the order of the files."""
        found = []
        for path in self.paths(folder):
            with np.load(path) as held:
                found.append((held["images"], held["labels"].astype("float64")))
        return np.concatenate([images for images, _ in found]), np.concatenate([labels for _, labels in found])

    def paths(self, folder: str) -> list[Path]:
        return sorted(Path(folder).glob("records-*.npz"))

    def order(self, records: int, shuffle: bool, generator: Any) -> Array:
        """The places of the records in one pass."""
        return np.asarray(generator.permutation(records)) if shuffle else np.arange(records)

    def _batches(self, folder: str, batch: int, count: int, shuffle: bool, seed: int) -> list[tuple[Array, Array]]:
        images, labels = self.stored(folder)
        generator = np.random.default_rng(seed)
        places: list[int] = []
        while len(places) < batch * count:
            places.extend(self.order(len(images), shuffle, generator).tolist())
        rows = [places[start : start + batch] for start in range(0, batch * count, batch)]
        return [(images[some], labels[some]) for some in rows]


class Definition:
    """Piece "definition": a list of layers in JSON, each with its settings."""

    def write(self, network: net.Network) -> str:
        layers = [{"layer": type(one).__name__, **_settings(one)} for one in network.layers]
        return json.dumps({"input": list(network.input_shape), "layers": layers}, indent=1)

    def forward(self, text: str, weights: Weights, inputs: Array) -> Tensor:
        outputs: Tensor = self._model(text, weights).forward(inputs)
        return outputs

    def train(
        self, text: str, weights: Weights, batches: Sequence[tuple[Array, Array]], rate: float
    ) -> Mapping[str, Tensor]:
        from fwconformance.frameworks.reference._framework import Reference

        trainer = Reference().trainer(self._model(text, weights), net.Loss(kind="mse"), net.SGD(rate=rate))
        for inputs, targets in batches:
            trainer.step(inputs, targets)
        return trainer.model.weights()

    def own_layer(self, weights: Weights, inputs: Array) -> tuple[str, Tensor]:
        text = json.dumps({"input": [inputs.shape[1]], "layers": [{"layer": _OWN}]})
        (layer,) = json.loads(text)["layers"]
        outputs: Tensor = self.own[layer["layer"]]().forward(weights, inputs)
        return text, outputs

    #: Layers of users, by the name that definitions have for them.
    own: Mapping[str, Any] = {_OWN: CustomLayer}

    def network(self, text: str) -> net.Network:
        """The network that `text` defines."""
        read = json.loads(text)
        layers = []
        for settings in read["layers"]:
            kind: Any = _LAYERS[settings.pop("layer")]
            layers.append(kind(**{name: _tuples(value) for name, value in settings.items()}))
        return net.Network(layers=tuple(layers), input_shape=tuple(read["input"]))

    def _model(self, text: str, weights: Weights) -> Any:
        from fwconformance.frameworks.reference._framework import Reference

        return Reference().build(self.network(text), weights)


def _settings(layer: Any) -> dict[str, Any]:
    import attrs

    settings: dict[str, Any] = attrs.asdict(layer)
    return settings


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


PIECES: Mapping[str, Any] = {"preprocessing": Preprocessing, "data-files": DataFiles, "definition": Definition}
