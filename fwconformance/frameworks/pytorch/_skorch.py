# mypy: disable-error-code="import-not-found, import-untyped, misc, name-defined, no-any-return, unused-ignore"
"""Piece "skorch": PyTorch's modules as scikit-learn's estimators, as skorch's documentation makes them."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Iterator, Mapping

import numpy as np
import torch
from torch import nn

from fwconformance.frameworks._estimators import SklearnEstimators, imported

skorch = imported("skorch", "skorch", "torch-cpu")
callbacks = importlib.import_module("skorch.callbacks")

_SEED = 20200101


class Shapes(callbacks.Callback):
    """skorch's documented way to a module whose sizes are the data's."""

    def on_train_begin(self, net: Any, X: Any = None, y: Any = None, **kwargs: Any) -> None:  # noqa: N803  # its names
        outputs = max(len(np.unique(y)), 2) if net.module_.classifies else 1
        net.set_params(module__features=np.shape(X)[-1], module__outputs=outputs)


class Perceptron(nn.Module):
    """A hidden layer with tanh; softmax where it classifies, since `NeuralNetClassifier` takes its logarithm, else one
    number for each example, as scikit-learn's targets are.
    """

    def __init__(self, features: int = 2, outputs: int = 2, classifies: bool = True) -> None:
        super().__init__()
        self.hidden = nn.Linear(features, 16)
        self.output = nn.Linear(16, outputs)
        self.classifies = classifies

    def forward(self, x: Any) -> Any:
        # scikit-learn hands out float64, and skorch leaves it to the module to make of it what it computes in.
        x = self.output(torch.tanh(self.hidden(x.to(self.hidden.weight.dtype))))
        return torch.softmax(x, dim=-1) if self.classifies else x.squeeze(-1)


class Skorch(SklearnEstimators):
    """The piece."""

    rate = "lr"

    def __init__(self, device: Any) -> None:
        self._device = device

    def classifier(self, passes: int = 30) -> Any:
        return skorch.NeuralNetClassifier(Perceptron, max_epochs=passes, **self._settings())

    def regressor(self) -> Any:
        return skorch.NeuralNetRegressor(Perceptron, module__classifies=False, max_epochs=30, **self._settings())

    def weights(self, estimator: Any) -> Mapping[str, Any]:
        module = estimator.module_
        return {
            "0.kernel": module.hidden.weight.detach().t().clone(),
            "0.bias": module.hidden.bias.detach().clone(),
            "2.kernel": module.output.weight.detach().t().clone(),
            "2.bias": module.output.bias.detach().clone(),
        }

    @contextlib.contextmanager
    def seeded(self) -> Iterator[None]:
        with torch.random.fork_rng():
            torch.manual_seed(_SEED)
            yield

    def _settings(self) -> dict[str, Any]:
        return {
            "lr": 0.3,
            "batch_size": 16,
            "train_split": None,
            "verbose": 0,
            "device": str(self._device),
            "callbacks": [("shapes", Shapes())],
        }


def piece(name: str, device: Any) -> Skorch:
    """The piece."""
    return Skorch(device)
