"""Multi-head scaled dot-product self-attention (Vaswani and others, 2017, section 3.2)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Layer
from fwconformance.frameworks.reference._layers_dense import softmax, softmax_backward

PARTS = ("query", "key", "value")


class SelfAttention(Layer):
    """``softmax(q k' / sqrt(d)) v`` in each head, d features a head.

    Padded steps are not seen, nor, if causal, later ones.
    """

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        split = {part: self._split(self._project(inputs, part)) for part in PARTS}
        scores = split["query"] @ split["key"].swapaxes(-1, -2) * self.scale(inputs.shape[-1])
        seen = self.seen(inputs.shape[1], call)
        if seen is not None:
            scores = np.where(seen, scores, -1e30)
        attention = softmax(scores)
        merged = self._merge(attention @ split["value"])
        return self._project(merged, "output"), (inputs, split, attention, merged)

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        inputs, split, attention, merged = cache
        gradients: Gradients = {}
        heads = self._split(self._project_backward(upstream, merged, "output", gradients))
        scores = softmax_backward(heads @ split["value"].swapaxes(-1, -2), attention) * self.scale(inputs.shape[-1])
        inner: dict[str, Array] = {
            "query": scores @ split["key"],
            "key": scores.swapaxes(-1, -2) @ split["query"],
            "value": attention.swapaxes(-1, -2) @ heads,
        }
        inward = np.zeros_like(inputs)
        for part in PARTS:
            inward += self._project_backward(self._merge(inner[part]), inputs, part, gradients)
        return inward, gradients

    def scale(self, features: int) -> float:
        """What scores are multiplied by: one over the root of the features of a head."""
        return 1.0 / math.sqrt(features / self.description.heads)

    def seen(self, steps: int, call: Call) -> Array | None:
        """Which steps (last axis) each step (the axis before) sees; broadcasts to (batch, heads, steps, steps)."""
        seen = self.causal_mask(steps) if self.description.causal else None
        mask = call.mask(steps)
        if mask is None:
            return seen
        keys = mask[:, None, None, :]
        return keys if seen is None else keys & seen

    def causal_mask(self, steps: int) -> Array:
        """A step sees itself and those before it."""
        return np.tril(np.ones((steps, steps), dtype=bool))

    def _project(self, inputs: Array, part: str) -> Array:
        return inputs @ self.weights[f"{part}_kernel"] + self.weights[f"{part}_bias"]

    def _project_backward(self, upstream: Array, inputs: Array, part: str, gradients: Gradients) -> Array:
        rows = upstream.reshape(-1, upstream.shape[-1])
        gradients[f"{part}_kernel"] = inputs.reshape(-1, inputs.shape[-1]).T @ rows
        gradients[f"{part}_bias"] = rows.sum(axis=0)
        return upstream @ self.weights[f"{part}_kernel"].T

    def _split(self, values: Array) -> Array:
        """(batch, steps, features) as (batch, heads, steps, features / heads)."""
        batch, steps, _ = values.shape
        return values.reshape(batch, steps, self.description.heads, -1).swapaxes(1, 2)

    def _merge(self, values: Array) -> Array:
        """The inverse of `_split`."""
        batch, heads, steps, width = values.shape
        return values.swapaxes(1, 2).reshape(batch, steps, heads * width)
