"""Which padding Keras' "same" stands for. Pure."""

from __future__ import annotations

from typing import Sequence


def same_padding(length: int, size: int, stride: int) -> tuple[int, int]:
    """Zeros before and after an axis of `length` under "same": enough for ``ceil(length / stride)`` windows, the odd
    one after.
    """
    windows = -(-length // stride)
    total = max((windows - 1) * stride + size - length, 0)
    return total // 2, total - total // 2


def cropping(
    kernel: Sequence[int], stride: Sequence[int], padding: Sequence[int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    """What to cut before and after each axis of a "valid" transposed convolution, to have cut `padding` on both sides.

    Keras fills up what a kernel smaller than its stride leaves open behind the last window.
    """
    (rows, columns) = ((cut, cut + max(step - size, 0)) for size, step, cut in zip(kernel, stride, padding))
    return rows, columns


def is_same(lengths: Sequence[int], sizes: Sequence[int], strides: Sequence[int], padding: Sequence[int]) -> bool:
    """Whether "same" pads each axis by just `padding` on both sides."""
    return all(
        same_padding(length, size, stride) == (wanted, wanted)
        for length, size, stride, wanted in zip(lengths, sizes, strides, padding)
    )
