# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Images by Keras' preprocessing layers, records by a PyDataset, and networks as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np

from fwconformance.frameworks._network import SGD, Loss, Network
from fwconformance.frameworks._protocol import Array, Tensor, Weights
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel, make_loss
from fwconformance.frameworks.keras._native import Batches, by_jit, keras, ops, preprocessing
from fwconformance.frameworks.keras._pieces import ScaleShift
from fwconformance.frameworks.keras._training import make_optimizer

#: Before Keras 3 images had their channels last, and there was nothing to say.
_LAST = {"data_format": "channels_last"} if hasattr(keras.layers, "CenterCrop") else {}


class _Piece:
    def __init__(self, backend: Backend, device: str) -> None:
        self.backend = backend
        self.device = device


class Preprocessing(_Piece):
    """CenterCrop, Normalization and Permute in a Sequential."""

    def batch(self, images: Array, mean: Array, scale: float, height: int, width: int) -> Tensor:
        with self.backend.scope(self.device):
            pipeline = keras.Sequential(
                [
                    keras.Input(images.shape[1:]),
                    preprocessing.CenterCrop(height, width, **_LAST),
                    # It divides by the root of the variance.
                    preprocessing.Normalization(mean=[float(one) for one in mean], variance=[scale**-2] * 3),
                    keras.layers.Permute((3, 1, 2)),
                ]
            )
            return pipeline(ops.flip(self.backend.tensor(images, "float32"), axis=-1))


class Records(Batches):
    """Batches of the records in a folder's .npz files, as users of Keras write such a class."""

    def __init__(self, folder: str, batch: int, *, labelled: bool, shuffle: bool = False, seed: int = 0) -> None:
        super().__init__()
        stored = [np.load(path) for path in sorted(Path(folder).glob("*.npz"))]
        self._images = np.concatenate([one["images"] for one in stored])
        self._labels = np.concatenate([one["labels"] for one in stored])
        self._batch, self._labelled = batch, labelled
        self._order = np.arange(len(self._images))
        if shuffle:
            np.random.default_rng(seed).shuffle(self._order)

    def __len__(self) -> int:
        return len(self._images) // self._batch

    def __getitem__(self, index: int) -> Any:
        rows = self._order[index * self._batch : (index + 1) * self._batch]
        images, labels = self._images[rows], self._labels[rows]
        # As inputs both, for a model that gives back what came to it.
        return (images, labels) if self._labelled else ((images, labels.astype("float32")[:, None]),)


class DataFiles(_Piece):
    """A `keras.utils.PyDataset`, which `fit` and `predict` draw their batches from."""

    def write(self, folder: str, images: Array, labels: Array, files: int) -> None:
        parts = zip(np.array_split(images, files), np.array_split(labels, files))
        for number, (some, theirs) in enumerate(parts):
            np.savez(Path(folder, f"records-{number:03d}.npz"), images=some, labels=theirs)

    def read(
        self, folder: str, batch: int, count: int, *, shuffle: bool = False, seed: int = 0
    ) -> Sequence[tuple[Tensor, Tensor]]:
        """What `predict` of a model that passes its inputs on was given."""
        records = Records(folder, batch, labelled=False, shuffle=shuffle, seed=seed)
        images, _ = records[0][0]
        found: list[tuple[Tensor, Tensor]] = []
        with self.backend.scope(self.device):
            places = [keras.Input(images.shape[1:]), keras.Input((1,))]
            mirror = keras.Model(places, [keras.layers.Activation("linear")(place) for place in places])
            while len(found) < count:
                seen = mirror.predict(records, verbose=0)
                starts = range(0, len(seen[0]), batch)
                found.extend(
                    tuple(self.backend.tensor(one[at : at + batch], "float32") for one in seen) for at in starts
                )
        return found[:count]

    def train(self, folder: str, training: Training, batch: int, steps: int) -> Mapping[str, Tensor]:
        records = Records(folder, batch, labelled=True)
        with self.backend.scope(self.device):
            model = KerasModel(training.network, self.backend, self.device, training.weights)
            model.native.compile(
                optimizer=make_optimizer(training.optimizer), loss=make_loss(training.loss), **by_jit(False)
            )
            model.native.fit(records, epochs=steps // len(records), shuffle=False, verbose=0)
            return model.weights()


class Definition(_Piece):
    """`Model.to_json` and `keras.models.model_from_json`."""

    def write(self, network: Network) -> str:
        return KerasModel(network, self.backend, self.device).native.to_json()

    def forward(self, text: str, weights: Weights, inputs: Array) -> Tensor:
        with self.backend.scope(self.device):
            return self._read(text, weights)(self.backend.tensor(inputs, "float32"))

    def train(
        self, text: str, weights: Weights, batches: Sequence[tuple[Array, Array]], rate: float
    ) -> Mapping[str, Tensor]:
        with self.backend.scope(self.device):
            model = self._read(text, weights)
            model.compile(optimizer=make_optimizer(SGD(rate=rate)), loss=make_loss(Loss(kind="mse")), **by_jit(False))
            for inputs, targets in batches:
                model.train_on_batch(inputs, targets)
            found = {}
            for name, variable in self._variables(model):
                value = ops.copy(ops.stop_gradient(ops.convert_to_tensor(variable)))
                found[name] = ops.transpose(value, (3, 2, 0, 1)) if len(value.shape) == _IMAGE_KERNEL else value
            return found

    def own_layer(self, weights: Weights, inputs: Array) -> tuple[str, Tensor]:
        with self.backend.scope(self.device):
            written = keras.Sequential([keras.Input(inputs.shape[1:]), ScaleShift()])
            text = written.to_json()
            model = keras.models.model_from_json(text, custom_objects={"ScaleShift": ScaleShift})
            for variable, name in zip(model.layers[-1].weights, ("scale", "shift")):
                variable.assign(weights[name])
            return text, model(self.backend.tensor(inputs, "float32"))

    def _read(self, text: str, weights: Weights) -> Any:
        model = keras.models.model_from_json(text)
        for name, variable in self._variables(model):
            value = weights[name]
            variable.assign(value.transpose(2, 3, 1, 0) if value.ndim == _IMAGE_KERNEL else value)
        return model

    @staticmethod
    def _variables(model: Any) -> Sequence[tuple[str, Any]]:
        """(neutral name, variable): layers are called after their place."""
        return [
            (f"{layer.name.partition('_')[0][len('layer') :]}.{_role(variable)}", variable)
            for layer in model.layers
            for variable in layer.weights
        ]


def _role(variable: Any) -> str:
    """Before Keras 3 the name has the layer's before it and a number behind it."""
    return variable.name.rpartition("/")[2].partition(":")[0]


#: Axes of a convolution's kernel: rows, columns, channels in, channels out.
_IMAGE_KERNEL = 4


def piece(name: str, backend: Backend, device: str) -> Any:
    """The piece `name`."""
    made: Mapping[str, Any] = {"preprocessing": Preprocessing, "data-files": DataFiles, "definition": Definition}
    return made[name](backend, device)
