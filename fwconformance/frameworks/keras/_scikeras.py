# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Piece "scikeras": Keras' models as scikit-learn's estimators, as SciKeras' documentation makes them."""

from __future__ import annotations

from typing import Any, Mapping

from fwconformance.frameworks._estimators import SklearnEstimators, imported
from fwconformance.frameworks._protocol import Tensor
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._native import keras, ops

scikeras = imported("scikeras.wrappers", "scikeras", "keras-cpu")

_SEED = 20200101


def classifier(meta: Mapping[str, Any]) -> Any:
    """A hidden layer with tanh, and softmax over the classes of the data."""
    return _perceptron(meta["n_features_in_"], keras.layers.Dense(meta["n_classes_"], activation="softmax"))


def regressor(meta: Mapping[str, Any]) -> Any:
    """The same with one real output."""
    return _perceptron(meta["n_features_in_"], keras.layers.Dense(1))


def _perceptron(features: int, output: Any) -> Any:
    return keras.Sequential([keras.Input((features,)), keras.layers.Dense(16, activation="tanh"), output])


class SciKeras(SklearnEstimators):
    """The piece."""

    rate = "optimizer__learning_rate"

    def __init__(self, backend: Backend, device: str) -> None:
        self.backend = backend
        self.device = device

    def classifier(self, passes: int = 30) -> Any:
        return scikeras.KerasClassifier(
            model=classifier, loss="sparse_categorical_crossentropy", epochs=passes, **self._settings()
        )

    def regressor(self) -> Any:
        return scikeras.KerasRegressor(model=regressor, loss="mean_squared_error", epochs=30, **self._settings())

    def weights(self, estimator: Any) -> Mapping[str, Tensor]:
        hidden, output = estimator.model_.layers
        found = {"0.kernel": hidden.kernel, "0.bias": hidden.bias, "2.kernel": output.kernel, "2.bias": output.bias}
        return {name: ops.stop_gradient(ops.copy(weight.value)) for name, weight in found.items()}

    def _settings(self) -> dict[str, Any]:
        return {
            "optimizer": "sgd",
            "optimizer__learning_rate": 0.3,
            "batch_size": 16,
            "verbose": 0,
            "random_state": _SEED,
        }


def piece(name: str, backend: Backend, device: str) -> SciKeras:
    """The piece."""
    return SciKeras(backend, device)
