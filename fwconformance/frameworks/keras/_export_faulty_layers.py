# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Layers that are wrong while a writer traces them."""

from __future__ import annotations

import functools
from typing import Any, Callable

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks.keras._native import ops

Make = Callable[[Any], Any]


def without_bias(original: Any) -> Any:
    @functools.wraps(original)  # Keras reads the signature of a layer's call
    def call(self: Any, inputs: Any, training: Any = None) -> Any:
        return self.activation(ops.matmul(inputs, self.kernel))

    return call


def by_the_batch(original: Any) -> Any:
    @functools.wraps(original)
    def call(self: Any, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        # Before Keras 3 it is a list of one.
        (axis,) = [each % len(inputs.shape) for each in (self.axis if hasattr(self.axis, "__len__") else [self.axis])]
        others = [each for each in range(len(inputs.shape)) if each != axis]
        # Not ops.moments, which torch's exporter to ONNX cannot trace.
        mean, variance = ops.mean(inputs, axis=others), ops.var(inputs, axis=others)
        return ops.batch_normalization(inputs, mean, variance, axis, self.beta, self.gamma, self.epsilon)

    return call


def during(owner: Any, name: str, make: Make) -> Make:
    """A writer that works while another fault is planted."""

    def outer(original: Any) -> Any:
        def write(*arguments: Any, **named: Any) -> Any:
            with replaced(owner, name, make):
                return original(*arguments, **named)

        return write

    return outer
