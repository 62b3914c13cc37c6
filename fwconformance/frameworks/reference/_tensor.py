"""The reference's own tensor: float64 values, kept apart from NumPy arrays so that the seam can tell."""

from __future__ import annotations

from typing import Any

import numpy as np


class Tensor:
    """Values that the reference computed, on the CPU or on a logical device of it ("cpu:1").

    It offers no arithmetic: whoever wants the values asks for `array`, and the seam does so only after looking at
    the type.
    """

    __slots__ = ("array", "device")

    def __init__(self, values: Any, device: str = "cpu") -> None:
        self.array: np.ndarray = np.asarray(values)
        self.device = device

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(int(size) for size in self.array.shape)

    @property
    def dtype(self) -> str:
        return str(self.array.dtype)

    def __repr__(self) -> str:
        return f"Tensor(shape={self.shape}, dtype={self.dtype})"
