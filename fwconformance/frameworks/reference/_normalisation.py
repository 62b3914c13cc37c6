"""Batch normalisation (Ioffe and Szegedy, 2015) and layer normalisation (Ba, Kiros and Hinton, 2016)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Layer


def normalise(x: Array, axes: tuple[int, ...], epsilon: float) -> tuple[Array, Array, Array, Array]:
    """(normalised x, its mean, its biased variance, one over the deviation), the axes kept with size 1."""
    mean = x.mean(axis=axes, keepdims=True)
    variance = x.var(axis=axes, keepdims=True)
    inverse = 1.0 / np.sqrt(variance + epsilon)
    return (x - mean) * inverse, mean, variance, inverse


def normalise_backward(upstream: Array, normal: Array, inverse: Array, axes: tuple[int, ...]) -> Array:
    """Gradient by x of `normalise`, the mean and the variance depending on x too."""
    return inverse * (
        upstream - upstream.mean(axis=axes, keepdims=True) - normal * (upstream * normal).mean(axis=axes, keepdims=True)
    )


class LocalResponseNorm(Layer):
    """Across channels (axis 1)."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        said = self.description
        base = said.constant + said.alpha / said.size * self.neighbours(inputs**2)
        outputs = inputs * base**-said.beta
        return outputs, (inputs, outputs, base)

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        inputs, outputs, base = cache
        said = self.description
        spread = self.neighbours(upstream * outputs / base)
        return upstream * base**-said.beta - 2.0 * said.beta * said.alpha / said.size * inputs * spread, {}

    def neighbours(self, values: Array) -> Array:
        """Sum of `values` over `size` channels around each."""
        half, channels = self.description.size // 2, values.shape[1]
        padded = np.pad(values, [(0, 0), (half, half), (0, 0), (0, 0)])
        return sum(padded[:, start : start + channels] for start in range(self.description.size))


class BatchNorm(Layer):
    """Per channel (axis 1), over the batch and every other axis.

    Training uses the batch's statistics and moves the running ones; else the running ones are used.
    """

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        axes = (0, *range(2, inputs.ndim))
        if call.training:
            normal, mean, variance, inverse = normalise(inputs, axes, self.description.epsilon)
            self.keep(mean, variance, inputs.size // inputs.shape[1])
        else:
            inverse = 1.0 / np.sqrt(self._per_channel("variance", inputs) + self.description.epsilon)
            normal = (inputs - self._per_channel("mean", inputs)) * inverse
        outputs = normal * self._per_channel("scale", inputs) + self._per_channel("shift", inputs)
        return outputs, (normal, inverse, axes, call.training)

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        normal, inverse, axes, training = cache
        gradients = {"scale": (upstream * normal).sum(axis=axes), "shift": upstream.sum(axis=axes)}
        inward = upstream * self._per_channel("scale", upstream)
        if training:
            return normalise_backward(inward, normal, inverse, axes), gradients
        return inward * inverse, gradients

    def keep(self, mean: Array, variance: Array, count: int) -> None:
        """Move the running statistics towards those of a batch with `count` values a channel."""
        if self.description.running_variance == "unbiased":
            variance = variance * count / max(count - 1, 1)
        for role, batch in (("mean", mean), ("variance", variance)):
            self.weights[role] += self.description.rate * (batch.reshape(-1) - self.weights[role])

    def _per_channel(self, role: str, like: Array) -> Array:
        return self.weights[role].reshape((1, -1) + (1,) * (like.ndim - 2))


class LayerNorm(Layer):
    """Over the last axis of each example by itself."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        normal, _, _, inverse = normalise(inputs, (-1,), self.description.epsilon)
        return normal * self.weights["scale"] + self.weights["shift"], (normal, inverse)

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        normal, inverse = cache
        others = tuple(range(upstream.ndim - 1))
        gradients = {"scale": (upstream * normal).sum(axis=others), "shift": upstream.sum(axis=others)}
        return normalise_backward(upstream * self.weights["scale"], normal, inverse, (-1,)), gradients
