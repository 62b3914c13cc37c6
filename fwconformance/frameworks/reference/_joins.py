"""Layers that take the outputs of several earlier ones: shortcuts and routes."""

from __future__ import annotations

from typing import Any

import numpy as np

from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Layer


class Join(Layer):
    """Its inputs are a tuple of arrays, and so are the gradients by them."""


class Shortcut(Join):
    """The sum of two."""

    def forward(self, inputs: tuple[Array, ...], call: Call) -> tuple[Array, Any]:
        first, second = inputs
        return first + second, None

    def backward(self, upstream: Array, cache: Any) -> tuple[tuple[Array, ...], Gradients]:
        return (upstream, upstream), {}


class Route(Join):
    """All of them, one after another on the axis after the batch."""

    def forward(self, inputs: tuple[Array, ...], call: Call) -> tuple[Array, Any]:
        ends = np.cumsum([part.shape[1] for part in inputs])[:-1]
        return inputs[0] if len(inputs) == 1 else np.concatenate(inputs, axis=1), ends

    def backward(self, upstream: Array, cache: Any) -> tuple[tuple[Array, ...], Gradients]:
        # Token ids, say, have no other axis, and go whole through a route of one.
        return tuple(np.split(upstream, cache, axis=1)) if len(cache) else (upstream,), {}
