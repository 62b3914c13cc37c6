# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Neutral layers as tf.Modules over tf.nn. Layers of images take and give them with channels last, the layout that
TensorFlow's CPU kernels have; who calls them keeps track (`Layer.layout`).
"""

from __future__ import annotations

from typing import Any, ClassVar, Mapping, Sequence, Tuple

import tensorflow as tf

from fwconformance.frameworks._network import Activation, Conv2D, ConvTranspose2D, LocalResponseNorm, Pool2D, Shortcut
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._tffunction import by_xla
from fwconformance.frameworks.tensorflow import _refusals

#: Axes of a batch of images.
IMAGE_RANK = 4

Shapes = Mapping[str, Tuple[int, ...]]


class Layer(tf.Module):
    """A layer with tf.Variables by role.

    Attributes:
        roles: role to variable, in TensorFlow's layout.
        layout: how it wants images, and gives them: "first" (channels before rows), "last", or "any" as they come.
        inward: role to the permutation from the neutral layout to TensorFlow's, where they differ.
    """

    layout: str = "first"
    inward: ClassVar[Mapping[str, Sequence[int]]] = {}

    def __init__(self, spec: Any, shapes: Shapes, weights: Mapping[str, Any] | None) -> None:
        super().__init__()
        self.spec = spec
        self.roles: dict[str, tf.Variable] = {}
        for role, shape in shapes.items():
            value = self._initial(role, shape) if weights is None else tf.constant(weights[role])
            if role in self.inward:
                value = tf.transpose(value, self.inward[role])
            self.roles[role] = tf.Variable(value, trainable=role not in ("mean", "variance"), name=role)

    def _initial(self, role: str, shape: tuple[int, ...]) -> Any:
        """TensorFlow's own initialiser outside Keras: Glorot and Bengio's uniform one for kernels."""
        if role in ("scale", "variance"):
            return tf.ones(shape)
        if len(shape) == 1:
            return tf.zeros(shape)
        if role == "table":
            return tf.random.uniform(shape, -0.05, 0.05)
        return tf.compat.v1.glorot_uniform_initializer()(shape, dtype=tf.float32)

    def outward(self, role: str, value: Any) -> Any:
        """`value` (a weight or its gradient, TensorFlow's layout) in the neutral layout."""
        if role not in self.inward:
            return tf.identity(value)
        order = list(self.inward[role])
        return tf.transpose(value, [order.index(axis) for axis in range(len(order))])

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        raise NotImplementedError


class JoinLayer(Layer):
    """A sum of outputs, or outputs joined by channels; `Stack` gives it a list of them, images with channels last."""

    layout = "last"

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        if isinstance(self.spec, Shortcut):
            return x[0] + x[1]
        return x[0] if len(x) == 1 else tf.concat(x, axis=-1)


class DenseLayer(Layer):
    """tf.linalg.matmul and tf.nn.bias_add."""

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        y = tf.tensordot(x, self.roles["kernel"], 1) if len(x.shape) > 2 else tf.matmul(x, self.roles["kernel"])
        return tf.nn.bias_add(y, self.roles["bias"]) if self.spec.bias else y


# What the converter to LiteRT of that release asks for: it takes no explicit padding.
_PADDED_APART = tf.__version__.startswith("2.4.")


class ConvLayer(Layer):
    """tf.nn.conv2d with explicit padding. Grouped and dilated ones have no gradient kernel on a CPU but by XLA, which
    TensorFlow offers as ``tf.function(jit_compile=True)``: those go that way.
    """

    layout = "last"
    inward: ClassVar[Mapping[str, Sequence[int]]] = {"kernel": (2, 3, 1, 0)}

    def __init__(self, spec: Conv2D, shapes: Shapes, weights: Mapping[str, Any] | None) -> None:
        super().__init__(spec, shapes, weights)
        through_xla = spec.groups > 1 or max(spec.dilation) > 1
        self._run = by_xla(tf, self._convolve) if through_xla else self._convolve

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        return self._run(x, self.roles["kernel"], self.roles.get("bias"))

    def _convolve(self, image: Any, kernel: Any, bias: Any) -> Any:
        padding: Any = [[0, 0], *(list(sides) for sides in self.spec.padding), [0, 0]]
        if _PADDED_APART:
            image, padding = tf.pad(image, padding), "VALID"
        y = tf.nn.conv2d(image, kernel, self.spec.stride, padding, dilations=self.spec.dilation)
        return y if bias is None else tf.nn.bias_add(y, bias)


class ConvTransposeLayer(Layer):
    """tf.nn.conv2d_transpose, which knows no groups."""

    layout = "last"
    inward: ClassVar[Mapping[str, Sequence[int]]] = {"kernel": (2, 3, 1, 0)}

    def __init__(self, spec: ConvTranspose2D, shapes: Shapes, weights: Mapping[str, Any] | None) -> None:
        super().__init__(spec, shapes, weights)
        if spec.groups > 1:
            refuse(_refusals.grouped_transpose())

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        spec = self.spec
        sides = [
            (size - 1) * stride + kernel - 2 * cut
            for size, stride, kernel, cut in zip(x.shape[1:3], spec.stride, spec.kernel, spec.padding)
        ]
        (rows, columns) = spec.padding
        y = tf.nn.conv2d_transpose(
            x,
            self.roles["kernel"],
            [tf.shape(x)[0], *sides, spec.channels],
            spec.stride,
            [[0, 0], [rows, rows], [columns, columns], [0, 0]],
        )
        return tf.nn.bias_add(y, self.roles["bias"]) if spec.bias else y


class PoolLayer(Layer):
    """tf.nn.max_pool2d with explicit padding; tf.nn.avg_pool2d, which has "SAME" (padding not counted) and "VALID"
    only: counted
    padding goes through tf.pad, uncounted padding other than "SAME" is refused.
    """

    layout = "last"

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        spec: Pool2D = self.spec
        rows, columns = spec.padding
        sides = [[0, 0], [rows, rows], [columns, columns], [0, 0]]
        if spec.kind == "max":
            padding = sides if any(spec.padding) else "VALID"
            return tf.nn.max_pool2d(x, spec.size, spec.stride, padding)
        if not any(spec.padding):
            return tf.nn.avg_pool2d(x, spec.size, spec.stride, "VALID")
        if spec.count_padding:
            return tf.nn.avg_pool2d(tf.pad(x, sides), spec.size, spec.stride, "VALID")
        if not is_same(x.shape[1:3], spec):
            refuse(_refusals.explicit_average_padding())
        return tf.nn.avg_pool2d(x, spec.size, spec.stride, "SAME")


class ResponseNormLayer(Layer):
    """tf.nn.local_response_normalization, whose alpha is not divided by the number of channels."""

    layout = "last"

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        spec: LocalResponseNorm = self.spec
        return tf.nn.local_response_normalization(
            x, depth_radius=spec.size // 2, bias=spec.constant, alpha=spec.alpha / spec.size, beta=spec.beta
        )


class DropoutLayer(Layer):
    """tf.nn.dropout."""

    layout = "any"

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        return tf.nn.dropout(x, rate=self.spec.rate) if training and self.spec.rate else tf.identity(x)


class EmbeddingLayer(Layer):
    """tf.nn.embedding_lookup."""

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        return tf.nn.embedding_lookup(self.roles["table"], x)


class ActivationLayer(Layer):
    """tf.nn's functions; gelu exact. Softmax is over the neutral layout's last axis."""

    def __init__(self, spec: Activation, shapes: Shapes, weights: Mapping[str, Any] | None) -> None:
        super().__init__(spec, shapes, weights)
        self.layout = "first" if spec.kind == "softmax" else "any"

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        if self.spec.kind == "gelu":
            return tf.nn.gelu(x, approximate=False)
        return getattr(tf.nn, self.spec.kind)(x)


class FlattenLayer(Layer):
    """tf.reshape: row-major."""

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        return tf.reshape(x, (tf.shape(x)[0], -1))


def to_last(x: Any) -> Any:
    return tf.transpose(x, (0, 2, 3, 1))


def to_first(x: Any) -> Any:
    return tf.transpose(x, (0, 3, 1, 2))


def is_same(lengths: Sequence[int], spec: Pool2D) -> bool:
    """Whether "SAME" pads each axis of `lengths` by just `spec.padding` on both sides."""
    for length, size, stride, wanted in zip(lengths, spec.size, spec.stride, spec.padding):
        if max((-(-length // stride) - 1) * stride + size - length, 0) != 2 * wanted:
            return False
    return True
