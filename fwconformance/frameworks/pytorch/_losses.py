# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Neutral losses as torch.nn losses, each the mean over the batch and every other axis but the class axis."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from torch import nn

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted


class LastAxisCrossEntropy(nn.Module):
    """nn.CrossEntropyLoss for logits over the last axis; PyTorch's class axis is the second, so others are folded."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.CrossEntropyLoss()

    def forward(self, logits: Any, targets: Any) -> Any:
        return self.inner(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1))


_LOSSES: Mapping[str, Callable[[], Any]] = {
    "mse": nn.MSELoss,
    "mae": nn.L1Loss,
    # HuberLoss is of 2021; at delta 1 the older SmoothL1Loss is the same function.
    "huber": getattr(nn, "HuberLoss", nn.SmoothL1Loss),
    "binary-cross-entropy": nn.BCEWithLogitsLoss,
    "cross-entropy": LastAxisCrossEntropy,
}


def loss_module(loss: neutral.Loss) -> Any:
    """Raises NotAdapted for a kind that this adapter does not know."""
    if loss.kind not in _LOSSES:
        raise NotAdapted(f"the PyTorch adapter does not know the loss {loss.kind!r}")
    return _LOSSES[loss.kind]()
