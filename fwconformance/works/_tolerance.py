"""How far results of a work may be from the oracle's."""

from __future__ import annotations

import math
from typing import Any

import attrs
import numpy as np

#: Of a gradient's Euclidean norm. Single components jump where rounding moves a value over the kink of a ReLU, or
#: another value becomes the largest of a pooling window: a few among hundreds of thousands do.
FRESH = 0.01
#: The same after steps on one batch. They leave some units of a ReLU at its kink, where rounding alone says whether a
#: value counts: float32 and float64 were seen to differ by up to 1.7 % then, by 0.00004 % before the first step.
_TRAINED = 0.05
#: Of each component, whatever its size: once the steps have fitted the batch, gradients are as small as rounding.
_FLOOR = 1e-5

#: Modes of the piece "speed" that compute products in a type of 16 bits, by the framework's own mixed precision.
HALF_MODES = ("bf16", "amp")


@attrs.frozen(kw_only=True)
class Half:
    """What a work tolerates of a mode in `HALF_MODES`, as shares of Euclidean norms. bfloat16 keeps 8 bits of a value.

    One step of each work by PyTorch on a CPU was looked at beside its float32 before this was set: outputs were off by
    up to 0.8 % of their norm, losses by 0.01 %, all gradients together by up to 4.3 %, in CaffeNet and VGG-A by 11 %,
    and single ones by up to 45 %, in first layers, where what ReLUs and maxima let through changes most. ResNet-50 has
    margins of its own.

    Attributes:
        outputs: of inference.
        loss: of its size.
        gradients: all together, as one vector; None where nothing can be said of them.
    """

    outputs: float = 0.05
    loss: float = 0.01
    gradients: float | None = 0.3


IN_HALF = Half()


def gradient_tolerance(expected: Any, *, trained: bool = False, share: float = FRESH) -> float:
    """Largest Euclidean distance from `expected`, an array of any shape, that is tolerated.

    `trained`: the weights are what many steps on the same batch led to. `share`: what the work tolerates before, of the
    norm.
    """
    whole = np.ravel(expected)
    return (max(_TRAINED, share) if trained else share) * float(np.linalg.norm(whole)) + _FLOOR * math.sqrt(whole.size)
