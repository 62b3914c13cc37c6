# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Photographs to a network's input by Caffe2's operators."""

from __future__ import annotations

from typing import Any

import numpy as np
from caffe2.python import core, workspace

from fwconformance.frameworks.caffe2._nets import feed, fresh, held


class PreprocessingPiece:
    """One net of operators: crop, layout, order of channels, mean, scale."""

    def batch(self, images: Any, mean: Any, scale: float, height: int, width: int) -> Any:
        scope, net = fresh("photographs"), core.Net(fresh("preprocessing"))
        for name, value in (("data", images), ("mean", mean)):
            feed(f"{scope}/{name}", np.asarray(value, "float32"))
        # Gather takes numbers of channels, as it does of rows.
        feed(f"{scope}/order", np.array([2, 1, 0], "int64"))
        data, middle, order = (core.BlobReference(f"{scope}/{name}") for name in ("data", "mean", "order"))
        top, left = (images.shape[1] - height) // 2, (images.shape[2] - width) // 2
        # Slice cuts one axis at a time.
        x = net.Slice(data, 1, starts=[0, top, 0, 0], ends=[-1, top + height, -1, -1])
        x = net.Slice(x, 1, starts=[0, 0, left, 0], ends=[-1, -1, left + width, -1])
        x = net.Gather([net.NHWC2NCHW(x, 1), order], 1, axis=1)
        x = net.Scale(net.Sub([x, middle], 1, broadcast=1, axis=1), 1, scale=float(scale))
        workspace.RunNetOnce(net)
        return held(x)
