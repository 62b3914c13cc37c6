"""What every layer of the reference is: a forward that returns what its backward needs.

Layers keep weights and nothing of a call, so one layer can serve several calls and two execution paths at once.
"""

from __future__ import annotations

from typing import Any, Dict

import attrs
import numpy as np

from fwconformance.frameworks._network import STATE_ROLES

Array = Any  # numpy.ndarray of float64, or of int64 where ids are meant
Gradients = Dict[str, Array]


class Randomness:
    """The reference's one random generator: initial weights and dropout masks draw from it."""

    def __init__(self, seed: int | None = None) -> None:
        self.generator = np.random.RandomState(seed)

    def seed(self, seed: int) -> None:
        self.generator = np.random.RandomState(seed)


@attrs.frozen(kw_only=True)
class Call:
    """How a network is run once.

    Attributes:
        randomness: where dropout draws from.
        training: whether layers that differ in training do so.
        lengths: steps that count of each sequence, (batch,) int64, or None where all do.
    """

    randomness: Randomness
    training: bool = False
    lengths: Array | None = None

    def mask(self, steps: int) -> Array | None:
        """Which steps count, (batch, steps) bool; None where all do."""
        if self.lengths is None:
            return None
        return np.arange(steps)[None, :] < np.asarray(self.lengths)[:, None]


class Layer:
    """A layer made from its `description`, holding `weights` by role; they are changed in place only.

    Subclasses give `forward` and `backward`. A backward returns the gradient of the inputs and those of the trained
    weights by role.
    """

    def __init__(self, description: Any, weights: dict[str, Array]) -> None:
        self.description = description
        self.weights = weights

    @property
    def trained(self) -> tuple[str, ...]:
        """Roles that an optimizer changes."""
        return tuple(role for role in self.weights if role not in STATE_ROLES)

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        """(outputs, what `backward` needs)."""
        raise NotImplementedError

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        """(gradient by the inputs, gradients by the weights) for the gradient `upstream` by the outputs."""
        raise NotImplementedError
