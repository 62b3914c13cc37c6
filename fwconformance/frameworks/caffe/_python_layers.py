# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Layers of a user's own, in Python: Caffe makes them by module and class name."""

from __future__ import annotations

from typing import Any

import caffe
import numpy as np


class ScaleShift(caffe.Layer):
    """``x * scale + tanh(x) * shift``, both trained."""

    def setup(self, bottom: Any, top: Any) -> None:
        for start in (1.0, 0.0):
            self.blobs.add_blob(bottom[0].shape[1])
            self.blobs[len(self.blobs) - 1].data[...] = start

    def reshape(self, bottom: Any, top: Any) -> None:
        top[0].reshape(*bottom[0].shape)

    def forward(self, bottom: Any, top: Any) -> None:
        x = bottom[0].data
        top[0].data[...] = x * self.blobs[0].data + np.tanh(x) * self.blobs[1].data

    def backward(self, top: Any, propagate_down: Any, bottom: Any) -> None:
        x, upstream = bottom[0].data, top[0].diff
        bent = np.tanh(x)
        self.blobs[0].diff[...] += (upstream * x).sum(axis=0)
        self.blobs[1].diff[...] += (upstream * bent).sum(axis=0)
        if propagate_down[0]:
            bottom[0].diff[...] = upstream * (self.blobs[0].data + (1 - bent**2) * self.blobs[1].data)


class WrongSquare(caffe.Layer):
    """Square with a backward of 7 x for the true 2 x, so the framework's own cannot pass for it."""

    def setup(self, bottom: Any, top: Any) -> None:
        pass

    def reshape(self, bottom: Any, top: Any) -> None:
        top[0].reshape(*bottom[0].shape)

    def forward(self, bottom: Any, top: Any) -> None:
        top[0].data[...] = bottom[0].data ** 2

    def backward(self, top: Any, propagate_down: Any, bottom: Any) -> None:
        if propagate_down[0]:
            bottom[0].diff[...] = top[0].diff * 7 * bottom[0].data
