# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Whether this PyTorch carries Caffe2. What it would do is for the framework `caffe2` to show."""

from __future__ import annotations

import importlib
from typing import Any, Callable, NoReturn

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


def piece(name: str, device: Any) -> Caffe2Piece:
    return Caffe2Piece()
