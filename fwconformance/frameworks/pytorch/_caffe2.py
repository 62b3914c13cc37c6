# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Whether this PyTorch carries Caffe2. What it would do is for the framework `caffe2` to show."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Callable, NoReturn

import torch

from fwconformance.frameworks._probes import Refusal, refuse
from fwconformance.frameworks._protocol import Unavailable


def carried(find: Callable[[str], Any] = importlib.import_module) -> Refusal:
    """Imports the core of Caffe2, which lies beside torch where a PyTorch carries it."""
    return Refusal(
        call=lambda: find("caffe2.python.core"),
        label=f"importing caffe2.python.core beside torch {torch.__version__}",
        error=ImportError,
        saying="caffe2",
    )


class Caffe2Piece:
    """`CarriesCaffe2`, refused. Where it is carried, its own adapter tries it: its blobs are no tensors of PyTorch."""

    def train(self, weights: Any, batches: Any, rate: float, inputs: Any) -> NoReturn:
        probe = carried()
        # What is carried may lack the packages that it imports: that is no fact about PyTorch.
        with contextlib.suppress(ImportError):
            if probe.run()[0]:
                refuse(probe)
        raise Unavailable("this PyTorch carries Caffe2: `--framework caffe2` tries it")


def piece(name: str, device: Any) -> Caffe2Piece:
    return Caffe2Piece()
