# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What `keras.ops` does, by the names of Keras 2: `keras.backend`'s where it has the operation, else TensorFlow's, as
its users take it.
"""

from __future__ import annotations

from typing import Any, Sequence

import tensorflow as tf
from tensorflow.keras import backend

from fwconformance.frameworks._protocol import Array

tanh = backend.tanh
square = backend.square
sign = backend.sign
power = backend.pow
transpose = backend.permute_dimensions
stop_gradient = backend.stop_gradient
concatenate = backend.concatenate
reshape = backend.reshape
cast = backend.cast
mean = backend.mean
sum = backend.sum  # noqa: A001  # its name
var = backend.var
copy = tf.identity
add = tf.add
subtract = tf.subtract
multiply = tf.multiply
less = tf.less
custom_gradient = tf.custom_gradient


def matmul(left: Any, right: Any) -> Any:
    """`keras.backend.dot`, of which both have two axes."""
    return backend.dot(left, right)


def convert_to_tensor(values: Any, dtype: str | None = None) -> Any:
    """A tensor, also of a variable."""
    return tf.convert_to_tensor(values, dtype=dtype)


def convert_to_numpy(values: Any) -> Array:
    """The values on the host."""
    return backend.get_value(values) if isinstance(values, tf.Variable) else values.numpy()


def zeros(shape: Sequence[int], dtype: str = "float32") -> Any:
    """A tensor, not a variable as `keras.backend.zeros` gives."""
    return tf.zeros(shape, dtype)


def ones(shape: Any, dtype: str = "float32") -> Any:
    """A tensor, not a variable as `keras.backend.ones` gives."""
    return tf.ones(shape, dtype)


def arange(stop: int, dtype: str) -> Any:
    """`keras.backend.arange`."""
    return backend.arange(stop, dtype=dtype)


def pad(values: Any, widths: Any, constant_values: float = 0.0) -> Any:
    """With one value all around."""
    return tf.pad(values, widths, constant_values=constant_values)


def flip(values: Any, axis: int) -> Any:
    """`keras.backend.reverse`."""
    return backend.reverse(values, axis)


def split(values: Any, parts: int, axis: int) -> Any:
    """In equal parts."""
    return tf.split(values, parts, axis=axis)


def batch_normalization(  # noqa: PLR0917  # as `keras.ops` has it
    values: Any, mean: Any, variance: Any, axis: int, offset: Any, scale: Any, epsilon: float
) -> Any:
    """`keras.backend.batch_normalization`."""
    return backend.batch_normalization(values, mean, variance, offset, scale, axis=axis, epsilon=epsilon)
