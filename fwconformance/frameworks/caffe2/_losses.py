# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Neutral losses by Caffe2's operators, averaged over every element but the class axis."""

from __future__ import annotations

from typing import Any

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.caffe2 import _refusals


def add_loss(net: Any, loss: neutral.Loss, outputs: Any, targets: str, classes: int) -> Any:
    """The scalar loss of `outputs` in `net`; `classes`: size of their last axis.

    Raises `Unsupported` for a loss that Caffe2 lacks, NotAdapted for a kind that this adapter does not know.
    """
    if loss.kind == "cross-entropy":
        rows, _ = net.Reshape(outputs, [net.NextName(), net.NextName()], shape=[-1, classes])
        labels, _ = net.Reshape(targets, [net.NextName(), net.NextName()], shape=[-1])
        _, value = net.SoftmaxWithLoss([rows, labels], [net.NextName(), "loss"])
        return value
    if loss.kind == "binary-cross-entropy":
        return net.AveragedLoss(net.SigmoidCrossEntropyWithLogits([outputs, targets], net.NextName()), "loss")
    if loss.kind == "mse":
        return net.AveragedLoss(net.Sqr(net.Sub([outputs, targets], net.NextName()), net.NextName()), "loss")
    if loss.kind == "mae":
        return net.AveragedLoss(net.Abs(net.Sub([outputs, targets], net.NextName()), net.NextName()), "loss")
    if loss.kind == "huber":
        _refusals.no_operator("SmoothL1Loss", "HuberLoss", "Huber")
    raise NotAdapted(f"the Caffe2 adapter does not know the loss {loss.kind!r}")
