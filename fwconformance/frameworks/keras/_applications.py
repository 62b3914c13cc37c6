# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Piece "keras-applications": the architectures that `keras.applications` defines, and its way of fetching weights."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import numpy as np

from fwconformance.frameworks._loopback import served, tear
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Array, NotAdapted, Tensor, Unavailable
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._native import HAS_OPS, by_jit, held, keras, ops


class Applications:
    """The piece."""

    def __init__(self, backend: Backend, device: str) -> None:
        self.backend = backend
        self.device = device

    def listing(self) -> Mapping[str, Sequence[str]]:
        public = vars(keras.applications).items()
        return {"classification": sorted(name for name, value in public if name[0].isupper() and callable(value))}

    def built(self, name: str) -> Mapping[str, Tensor]:
        with self.backend.scope(self.device), _nothing_drawn():
            return {key: held(weight) for key, weight in _named(_architecture(name)(weights=None))}

    def trained_names(self, name: str) -> Sequence[str]:
        with self.backend.scope(self.device), _nothing_drawn():
            model = _architecture(name)(weights=None)
            trained = {id(weight) for weight in model.trainable_weights}
            return [key for key, weight in _named(model) if id(weight) in trained]

    def forward(self, name: str, images: Array) -> Tensor:
        with self.backend.scope(self.device):
            shape = (*images.shape[2:], images.shape[1])
            # Without softmax, which leaves nothing of an untrained network's small values.
            model = _architecture(name)(weights=None, input_shape=shape, classifier_activation=None)
            return ops.stop_gradient(model(self._take(images), training=False))

    def prepared(self, name: str, images: Array) -> Tensor:
        prepare = sys.modules[_architecture(name).__module__].preprocess_input
        with self.backend.scope(self.device):
            return ops.transpose(prepare(self._take(images)), (0, 3, 1, 2))

    def fine_tuned(self, name: str, images: Array, labels: Array, *, classes: int, steps: int) -> Mapping[str, Any]:
        with self.backend.scope(self.device):
            shape = (*images.shape[2:], images.shape[1])
            base = _architecture(name)(weights=None, include_top=False, pooling="avg", input_shape=shape)
            base.trainable = False
            head = keras.layers.Dense(classes, activation="softmax")
            model = keras.Sequential([keras.Input(shape), base, head])
            model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy", **by_jit(False))
            before = _weights(base), _weights(head)
            inputs = self._take(images)
            losses = [self.backend.tensor(model.train_on_batch(inputs, labels), "float32") for _ in range(steps)]
            return {
                "frozen before": before[0],
                "frozen after": _weights(base),
                "head before": before[1],
                "head after": _weights(head),
                "losses": losses,
            }

    def downloaded(self, name: str, folder: str, *, torn: bool) -> Mapping[str, Any]:
        make = _architecture(name)
        source = sys.modules[make.__module__]
        if not hasattr(source, "WEIGHTS_HASHES"):
            raise NotAdapted(f"keras.applications keeps no digest of the weights of {name}")
        with self.backend.scope(self.device), contextlib.ExitStack() as stack:
            original = make(weights=None)
            offered = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            # A whole model as HDF5 has the layout of the files that it fetches.
            path = offered / f"{original.name}.h5"
            original.save(path)
            digest = hashlib.md5(path.read_bytes()).hexdigest()  # noqa: S324  # the digest that Keras keeps
            if torn:
                tear(path)
            digests = dict.fromkeys(source.WEIGHTS_HASHES, (digest, digest))
            address = stack.enter_context(served(offered))
            stack.enter_context(replaced(source, "BASE_WEIGHTS_PATH", lambda _: f"{address}/"))
            stack.enter_context(replaced(source, "WEIGHTS_HASHES", lambda _: digests))
            stack.enter_context(_kept_below(folder))
            try:
                loaded = make(weights="imagenet")
            except ValueError as refusal:
                return {"stored": _weights(original), "error": str(refusal)}
            return {"stored": _weights(original), "loaded": _weights(loaded)}

    def recognised(self, name: str, images: Array, folder: str) -> Tensor:
        make = _architecture(name)
        prepare = sys.modules[make.__module__].preprocess_input
        with self.backend.scope(self.device), _kept_below(folder):
            try:
                model = make(weights="imagenet")
            except Exception as error:
                if isinstance(error, OSError) or "fetch failure" in str(error):
                    raise Unavailable(f"the weights of {name} cannot be fetched: {error}") from None
                raise
            return ops.stop_gradient(model(prepare(self._take(images)), training=False))

    def _take(self, images: Array) -> Tensor:
        return self.backend.tensor(images.transpose(0, 2, 3, 1).copy(), "float32")


@contextlib.contextmanager
def _kept_below(folder: str) -> Iterator[None]:
    """What is fetched is kept there: before Keras 3 below the user's home."""
    if HAS_OPS:
        with replaced(
            importlib.import_module("keras.src.utils.file_utils").config, "keras_home", lambda _: lambda: folder
        ):
            yield
        return
    before = os.environ.get("HOME")
    os.environ["HOME"] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ["HOME"]
        else:
            os.environ["HOME"] = before


@contextlib.contextmanager
def _nothing_drawn() -> Iterator[None]:
    """Kernels are zeros. On JAX every shape that is drawn is compiled for: the architectures take ten minutes so."""

    def zeros(_: Any, shape: Any, dtype: Any = None, **_more: Any) -> Any:
        # Before Keras 3 `dtype` is TensorFlow's own.
        return np.zeros(shape, getattr(dtype, "name", dtype or "float32"))

    with replaced(keras.initializers.VarianceScaling, "__call__", lambda _: zeros):
        yield


def _architecture(name: str) -> Any:
    return getattr(keras.applications, name)


def _named(model: Any) -> list[tuple[str, Any]]:
    """Every real weight: by its number too, since layers, whose names Keras 2 gives their weights, are named anew in
    each model that is made.
    """
    weights = [weight for weight in model.weights if "float" in str(weight.dtype)]
    return [(f"{number:03d} {weight.name.rpartition('/')[2]}", weight) for number, weight in enumerate(weights)]


def _weights(model: Any) -> dict[str, Tensor]:
    return {name: ops.stop_gradient(ops.copy(held(weight))) for name, weight in _named(model)}


def piece(name: str, backend: Backend, device: str) -> Applications:
    """The piece."""
    return Applications(backend, device)
