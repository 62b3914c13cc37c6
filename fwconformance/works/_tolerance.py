"""How far gradients of a work may be from the oracle's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

#: Of a gradient's Euclidean norm. Single components jump where rounding moves a value over the kink of a ReLU, or
#: another value becomes the largest of a pooling window: a few among hundreds of thousands do.
FRESH = 0.01
#: The same after steps on one batch. They leave some units of a ReLU at its kink, where rounding alone says whether a
#: value counts: float32 and float64 were seen to differ by up to 1.7 % then, by 0.00004 % before the first step.
_TRAINED = 0.05
#: Of each component, whatever its size: once the steps have fitted the batch, gradients are as small as rounding.
_FLOOR = 1e-5


def gradient_tolerance(expected: Any, *, trained: bool = False, share: float = FRESH) -> float:
    """Largest Euclidean distance from `expected`, an array of any shape, that is tolerated.

    `trained`: the weights are what many steps on the same batch led to. `share`: what the work tolerates before, of the
    norm.
    """
    whole = np.ravel(expected)
    return (max(_TRAINED, share) if trained else share) * float(np.linalg.norm(whole)) + _FLOOR * math.sqrt(whole.size)
