# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Neutral losses as Gluon losses: one value for each example, whose mean is the neutral loss."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import mxnet
from mxnet.gluon import loss as losses

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted

_LOSSES: Mapping[str, Callable[[], Any]] = {
    # Gluon's L2Loss is half of the mean squared error; its weight makes that whole.
    "mse": lambda: losses.L2Loss(weight=2.0),
    "mae": losses.L1Loss,
    "huber": lambda: losses.HuberLoss(rho=1),
    "binary-cross-entropy": losses.SigmoidBinaryCrossEntropyLoss,
    "cross-entropy": losses.SoftmaxCrossEntropyLoss,
}


def scalar(array: Any) -> Any:
    """The one element of `array` as an NDArray without axes; MXNet's own mean has one axis."""
    with mxnet.util.np_shape(active=True):
        return array.detach().reshape(())


def loss_block(loss: neutral.Loss) -> Any:
    """Raises NotAdapted for a kind that this adapter does not know."""
    if loss.kind not in _LOSSES:
        raise NotAdapted(f"the MXNet adapter does not know the loss {loss.kind!r}")
    return _LOSSES[loss.kind]()
