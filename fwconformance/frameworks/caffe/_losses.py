# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Neutral losses as Caffe's loss layers, normalised over every element but the class axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from caffe import layers as L  # noqa: N812  # as all of Caffe's documentation has it
from caffe import params as P  # noqa: N812

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.caffe import _refusals


def add_loss(spec: Any, loss: neutral.Loss, outputs: Any, shape: tuple[int, ...]) -> None:
    """Declare `targets` and the scalar `loss` for `outputs` of `shape` in `spec`.

    Raises `Unsupported` for a loss that Caffe lacks, NotAdapted for a kind that this adapter does not know.
    """
    if loss.kind == "cross-entropy":
        spec.targets = L.Input(shape={"dim": list(shape[:-1])})
        whole = {"normalization": P.Loss.FULL}
        spec.loss = L.SoftmaxWithLoss(outputs, spec.targets, softmax_param={"axis": -1}, loss_param=whole)
    elif loss.kind == "binary-cross-entropy":
        spec.targets = L.Input(shape={"dim": list(shape)})
        spec.loss = L.SigmoidCrossEntropyLoss(outputs, spec.targets, loss_param={"normalization": P.Loss.FULL})
    elif loss.kind == "mse":
        spec.targets = L.Input(shape={"dim": list(shape)})
        # Half the squared distance of each example: twice that over the values of an example is the mean.
        spec.distance = L.EuclideanLoss(outputs, spec.targets, loss_weight=0)
        values = int(np.prod(shape[1:]))
        spec.loss = L.Power(spec.distance, scale=2.0 / values, loss_weight=1)
    elif loss.kind == "mae":
        spec.targets = L.Input(shape={"dim": list(shape)})
        # Caffe has no such layer; its Reduction is made to be a loss.
        apart = L.AbsVal(L.Eltwise(outputs, spec.targets, coeff=[1, -1]))
        spec.loss = L.Reduction(apart, operation=P.Reduction.MEAN, axis=0, loss_weight=1)
    elif loss.kind == "huber":
        _refusals.no_layer("HuberLoss", "SmoothL1Loss")
    else:
        raise NotAdapted(f"the Caffe adapter does not know the loss {loss.kind!r}")
