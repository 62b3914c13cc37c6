"""Small trainings: batches in a fixed order, budgets in steps, results as accuracies or errors."""

from __future__ import annotations

from typing import Any, Iterator, Sequence

import numpy as np

Array = Any


def batches(
    inputs: Array, targets: Array, size: int, *, passes: int = 1, seed: int = 0
) -> Iterator[tuple[Array, Array]]:
    """Batches of exactly `size` for `passes` passes, each in an order of its own that depends on `seed` alone.

    What is left over at the end of a pass is dropped, so that a framework which compiles for a shape compiles once.
    """
    order = np.random.RandomState(seed)  # its stream is frozen by NumPy, a Generator's is not
    for _ in range(passes):
        shuffled = order.permutation(len(inputs))
        for start in range(0, len(inputs) - size + 1, size):
            chosen = shuffled[start : start + size]
            yield inputs[chosen], targets[chosen]


def train(trainer: Any, steps: Iterator[tuple[Array, Array]]) -> list[float]:
    """Take every step; the losses before each."""
    return [float(trainer.step(inputs, targets)) for inputs, targets in steps]


def accuracy(logits: Array, labels: Array) -> float:
    """Share of rows of `logits` (n, classes) whose largest entry is that of `labels` (n,)."""
    if logits.shape[0] != labels.shape[0] or logits.ndim != 2:
        raise ValueError(f"logits {logits.shape} do not fit labels {labels.shape}")
    return float(np.mean(np.argmax(logits, axis=1) == labels))


def squared_error(outputs: Array, targets: Array) -> float:
    """Mean squared error; the shapes must be equal, so that nothing broadcasts."""
    if outputs.shape != targets.shape:
        raise ValueError(f"outputs {outputs.shape} do not fit targets {targets.shape}")
    return float(np.mean((outputs.astype(np.float64) - targets) ** 2))


def recall(count: int, *, steps: int, symbols: int, seed: int) -> tuple[Array, Array]:
    """`count` random sequences of ids (count, steps) and, as target, the first id of each.

    The later ids are drawn independently, so without memory of the first step nothing beats 1 / symbols.
    """
    sequences = np.random.RandomState(seed).randint(0, symbols, size=(count, steps)).astype(np.int64)
    return sequences, sequences[:, 0].copy()


def windows(series: Sequence[float], width: int) -> tuple[Array, Array]:
    """(n, width, 1) stretches of `series` and (n, 1) the value that follows each."""
    values = np.asarray(series, dtype=np.float32)
    inputs = np.stack([values[i : i + width] for i in range(len(values) - width)])
    return inputs[:, :, None], values[width:, None]
