"""Layers without neighbourhoods: dense, activations, flattening, dropout, embedding."""

from __future__ import annotations

import math
from typing import Any, Callable, Mapping, Tuple

import numpy as np

from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Layer


class Dense(Layer):
    """``y = x @ kernel + bias`` over the last axis."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        outputs = inputs @ self.weights["kernel"]
        if "bias" in self.weights:
            outputs = outputs + self.weights["bias"]
        return outputs, inputs

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        rows = upstream.reshape(-1, upstream.shape[-1])
        gradients = {"kernel": cache.reshape(-1, cache.shape[-1]).T @ rows}
        if "bias" in self.weights:
            gradients["bias"] = rows.sum(axis=0)
        return upstream @ self.weights["kernel"].T, gradients


class Flatten(Layer):
    """All axes but the first become one, row-major."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return inputs.reshape(inputs.shape[0], -1), inputs.shape

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        return upstream.reshape(cache), {}


class Dropout(Layer):
    """Inverted dropout (Srivastava and others, 2014, section 10): what is kept is divided by ``1 - rate``."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        if not call.training:
            return inputs, None
        factors = self.factors(inputs.shape, call)
        return inputs * factors, factors

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        return (upstream if cache is None else upstream * cache), {}

    def factors(self, shape: tuple[int, ...], call: Call) -> Array:
        """What each value is multiplied by in training: 0, or what keeps the expectation."""
        keep = 1.0 - self.description.rate
        if keep == 0.0:
            return np.zeros(shape)
        return (call.randomness.generator.random_sample(shape) < keep) / keep


class Embedding(Layer):
    """Rows of a table by id; the gradient of a row is the sum over the places where its id stands."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        ids = np.asarray(inputs)
        size = self.weights["table"].shape[0]
        if ids.dtype.kind not in "iu":
            raise TypeError(f"an embedding takes integer ids, not {ids.dtype}")
        if ids.size and not (ids.min() >= 0 and ids.max() < size):
            raise IndexError(f"ids from {ids.min()} to {ids.max()} are not all in a table of {size} rows")
        return self.weights["table"][ids], ids

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        gradient = np.zeros_like(self.weights["table"])
        np.add.at(gradient, cache, upstream)
        return np.zeros(cache.shape), {"table": gradient}


def sigmoid(x: Array) -> Array:
    """``1 / (1 + exp(-x))``, by the exponential of what is negative only, so that nothing overflows."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, small) / (1.0 + small)


def softmax(x: Array) -> Array:
    """``exp(x) / sum(exp(x))`` over the last axis, the largest taken off first so that nothing overflows."""
    raised = np.exp(x - x.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def softmax_backward(upstream: Array, outputs: Array) -> Array:
    """Gradient by a softmax's inputs: ``y * (u - sum(u * y))``."""
    return outputs * (upstream - (upstream * outputs).sum(axis=-1, keepdims=True))


def erf(x: Array) -> Array:
    """The error function of each value; NumPy has none."""
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), dtype=np.float64)


def _relu(x: Array) -> tuple[Array, Any]:
    return np.maximum(x, 0.0), x > 0.0


def _relu_backward(upstream: Array, positive: Any) -> Array:
    return upstream * positive


def _tanh(x: Array) -> tuple[Array, Any]:
    outputs = np.tanh(x)
    return outputs, outputs


def _tanh_backward(upstream: Array, outputs: Any) -> Array:
    return upstream * (1.0 - outputs**2)


def _sigmoid(x: Array) -> tuple[Array, Any]:
    outputs = sigmoid(x)
    return outputs, outputs


def _sigmoid_backward(upstream: Array, outputs: Any) -> Array:
    return upstream * outputs * (1.0 - outputs)


def _softmax(x: Array) -> tuple[Array, Any]:
    outputs = softmax(x)
    return outputs, outputs


def _gelu(x: Array) -> tuple[Array, Any]:
    normal = 0.5 * (1.0 + erf(x / math.sqrt(2.0)))
    return x * normal, (x, normal)


def _gelu_backward(upstream: Array, cache: Any) -> Array:
    x, normal = cache
    return upstream * (normal + x * np.exp(-0.5 * x**2) / math.sqrt(2.0 * math.pi))


Function = Tuple[Callable[[Array], Tuple[Array, Any]], Callable[[Array, Any], Array]]

#: (forward, backward) by kind. GELU is Hendrycks and Gimpel's (2016), ``x * Phi(x)``, exact. The gradient of relu at 0
#: is 0.
FUNCTIONS: Mapping[str, Function] = {
    "relu": (_relu, _relu_backward),
    "tanh": (_tanh, _tanh_backward),
    "sigmoid": (_sigmoid, _sigmoid_backward),
    "softmax": (_softmax, softmax_backward),
    "gelu": (_gelu, _gelu_backward),
}


class Activation(Layer):
    """An element-wise function, or softmax over the last axis; see `FUNCTIONS`."""

    functions = FUNCTIONS

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        return self.functions[self.description.kind][0](inputs)

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        return self.functions[self.description.kind][1](upstream, cache), {}
