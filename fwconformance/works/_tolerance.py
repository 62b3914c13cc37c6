"""How far gradients of a work may be from the oracle's."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

#: Of a gradient's Euclidean norm. Single components jump where rounding moves a value over the kink of a ReLU, or
#: another value becomes the largest of a pooling window: a few among hundreds of thousands do.
GRADIENTS = 0.01
#: Of each component, whatever its size: once the steps have fitted the batch, gradients are as small as rounding.
_FLOOR = 1e-5


def gradient_tolerance(expected: Any) -> float:
    """Largest Euclidean distance from `expected`, an array of any shape, that is tolerated."""
    whole = np.ravel(expected)
    return GRADIENTS * float(np.linalg.norm(whole)) + _FLOOR * math.sqrt(whole.size)
