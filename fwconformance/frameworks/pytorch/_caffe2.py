# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Whether this PyTorch carries Caffe2: where it does, Caffe2 trains, and where not, the import says so."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Mapping, NoReturn

import numpy as np
import torch

from fwconformance.frameworks._probes import Refusal, refuse


def carried(find: Callable[[str], Any] = importlib.import_module) -> Refusal:
    """Imports the core of Caffe2, which lies beside torch where a PyTorch carries it."""
    return Refusal(
        call=lambda: find("caffe2.python.core"),
        label=f"importing caffe2.python.core beside torch {torch.__version__}",
        error=ImportError,
        saying="caffe2",
    )


class Caffe2Piece:
    """`CarriesCaffe2`, refused."""

    def train(self, weights: Any, batches: Any, rate: float, inputs: Any) -> NoReturn:
        refuse(carried())


class CarriedPiece:
    """Caffe2 by its own adapter; its blobs as tensors of PyTorch, which share their memory with NumPy's arrays."""

    def train(self, weights: Any, batches: Any, rate: float, inputs: Any) -> Mapping[str, Any]:
        from fwconformance.frameworks.caffe2 import create

        done = create().piece("caffe2").train(weights, batches, rate, inputs)
        return {
            "losses": [_tensor(blob) for blob in done["losses"]],
            "weights": {name: _tensor(blob) for name, blob in done["weights"].items()},
            "outputs": _tensor(done["outputs"]),
        }


def _tensor(blob: Any) -> Any:
    # An array of no axes: what `fetch` gives of a scalar is a number of NumPy.
    return torch.from_numpy(np.array(blob.fetch()))


def piece(name: str, device: Any) -> Any:
    return Caffe2Piece() if carried().run()[0] else CarriedPiece()
