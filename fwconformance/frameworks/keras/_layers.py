# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""Keras' own layers for each neutral layer, wired into a functional model.

Images are neutral (batch, channels, height, width) at the model's edges and Keras' default channels_last between
spatial
layers, with `keras.layers.Permute` where the two meet: on a CPU TensorFlow has no channels_first convolution.
"""

from __future__ import annotations

import inspect
from typing import Any, Mapping

import attrs
import numpy as np

from fwconformance.frameworks._network import (
    GRU,
    LSTM,
    Activation,
    BatchNorm,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Layer,
    LayerNorm,
    LocalResponseNorm,
    Pool2D,
    Route,
    SelfAttention,
    Shortcut,
    sources,
)
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.keras import _refusals
from fwconformance.frameworks.keras._geometry import cropping, is_same
from fwconformance.frameworks.keras._native import HAS_OPS, keras, ops
from fwconformance.frameworks.keras._response_norm import ResponseNorm

layers = keras.layers

_IMAGE_RANK = 4
#: Keras 2 takes a kernel for images that keeps the unbiased variance, unless it is told not to.
_FUSES = "fused" in inspect.signature(layers.BatchNormalization.__init__).parameters
_NOT_FUSED: Mapping[str, Any] = {"fused": False} if _FUSES else {}
_ATTENDS = inspect.signature(layers.MultiHeadAttention.call).parameters


@attrs.define
class Flow:
    """A symbolic tensor on its way through the layers.

    Attributes:
        tensor: the KerasTensor.
        channels_last: whether `tensor` is an image with its channels last.
        mask: KerasTensor (batch, time) of bool, or None.
        earlier: (tensor, channels_last) of the inputs and of each layer's outputs.
    """

    tensor: Any
    mask: Any | None = None
    channels_last: bool = False
    earlier: list[tuple[Any, bool]] = attrs.field(factory=list)

    def keep(self) -> None:
        """Note the tensor as the outputs of the next layer, or first as the inputs."""
        self.earlier.append((self.tensor, self.channels_last))

    def joined(self, spec: Layer) -> list[Any]:
        """What a shortcut or a route takes; images with channels last."""
        held = [self.earlier[source + 1] for source in sources(spec, len(self.earlier) - 1)]
        image = len(held[0][0].shape) == _IMAGE_RANK
        return [layers.Permute((2, 3, 1))(tensor) if image and not last else tensor for tensor, last in held]

    def image(self) -> Any:
        """The image with channels last."""
        if not self.channels_last:
            self.tensor, self.channels_last = layers.Permute((2, 3, 1))(self.tensor), True
        return self.tensor

    def neutral(self) -> Any:
        """The tensor in the neutral layout."""
        if self.channels_last:
            self.tensor, self.channels_last = layers.Permute((3, 1, 2))(self.tensor), False
        return self.tensor


def make(spec: Layer, name: str, flow: Flow, *, drawn: bool = True) -> Any:
    """The Keras layer called `name` for `spec`. Raises `Unsupported` where Keras has no such layer.

    Its weights are drawn as Keras draws them by default, or zeros with `drawn` False.
    """
    kernel = {} if drawn else {"kernel_initializer": "zeros"}
    if isinstance(spec, Dense):
        return layers.Dense(spec.units, use_bias=spec.bias, name=name, **kernel)
    if isinstance(spec, Conv2D):
        if spec.groups > 1 and not HAS_OPS and _refusals.grouped_convolution().run()[0]:
            refuse(_refusals.grouped_convolution())
        if max(spec.stride) > 1 and max(spec.dilation) > 1:
            refuse(_refusals.strided_dilation())
        return layers.Conv2D(
            spec.channels,
            spec.kernel,
            strides=spec.stride,
            dilation_rate=spec.dilation,
            groups=spec.groups,
            use_bias=spec.bias,
            name=name,
            **kernel,
        )
    if isinstance(spec, ConvTranspose2D):
        if spec.groups > 1:
            refuse(_refusals.grouped_transpose())
        return layers.Conv2DTranspose(
            spec.channels, spec.kernel, strides=spec.stride, use_bias=spec.bias, name=name, **kernel
        )
    if isinstance(spec, Pool2D):
        kind = layers.MaxPooling2D if spec.kind == "max" else layers.AveragePooling2D
        return kind(spec.size, strides=spec.stride, padding=_pool_padding(spec, flow), name=name)
    if isinstance(spec, BatchNorm):
        if spec.running_variance == "unbiased":
            refuse(_refusals.fused_vectors() if _FUSES else _refusals.running_variance(spec.running_variance))
        axis = -1 if len(flow.tensor.shape) == _IMAGE_RANK and flow.channels_last else 1
        return layers.BatchNormalization(
            axis=axis, momentum=1.0 - spec.rate, epsilon=spec.epsilon, name=name, **_NOT_FUSED
        )
    if isinstance(spec, LayerNorm):
        return layers.LayerNormalization(epsilon=spec.epsilon, name=name)
    if isinstance(spec, LocalResponseNorm):
        return ResponseNorm(spec, name=name)
    if isinstance(spec, Dropout):
        return layers.Dropout(spec.rate, name=name)
    if isinstance(spec, Embedding):
        return layers.Embedding(
            spec.vocabulary, spec.features, name=name, **({} if drawn else {"embeddings_initializer": "zeros"})
        )
    if isinstance(spec, (LSTM, GRU)):
        return _recurrent(spec, name, {} if drawn else {**kernel, "recurrent_initializer": "zeros"})
    if isinstance(spec, SelfAttention):
        features = flow.tensor.shape[-1]
        return layers.MultiHeadAttention(spec.heads, features // spec.heads, name=name, **kernel)
    if isinstance(spec, Activation):
        return layers.Softmax(name=name) if spec.kind == "softmax" else layers.Activation(spec.kind, name=name)
    if isinstance(spec, Flatten):
        return layers.Flatten(name=name)
    if isinstance(spec, Shortcut):
        return layers.Add(name=name)
    if isinstance(spec, Route):
        return layers.Concatenate(name=name) if len(spec.layers) > 1 else layers.Activation("linear", name=name)
    raise NotAdapted(f"the Keras adapter has no layer for {type(spec).__name__}")


def _recurrent(spec: Any, name: str, initial: Mapping[str, str]) -> Any:
    inner = dict(initial) if spec.bidirectional else {"name": name, **initial}
    if isinstance(spec, LSTM):
        layer = layers.LSTM(spec.units, return_sequences=spec.sequences, **inner)
    else:
        layer = layers.GRU(spec.units, return_sequences=spec.sequences, reset_after=spec.reset == "after", **inner)
    return layers.Bidirectional(layer, merge_mode="concat", name=name) if spec.bidirectional else layer


def connect(spec: Layer, layer: Any, flow: Flow) -> None:
    """Apply `layer` to `flow`, with whatever Keras wants before it."""
    if isinstance(spec, LocalResponseNorm):
        flow.tensor = layer(flow.image())
    elif isinstance(spec, (Shortcut, Route)):
        parts = flow.joined(spec)
        flow.tensor = layer(parts if len(parts) > 1 else parts[0])
        flow.channels_last = len(flow.tensor.shape) == _IMAGE_RANK
    elif isinstance(spec, Conv2D):
        image = flow.image()
        if any(sum(sides) for sides in spec.padding):
            image = layers.ZeroPadding2D(spec.padding)(image)
        flow.tensor = layer(image)
    elif isinstance(spec, ConvTranspose2D):
        flow.tensor = layer(flow.image())
        # Keras cuts nothing from a "valid" one, and "same" cuts what it likes.
        cut = cropping(spec.kernel, spec.stride, spec.padding)
        if any(sum(sides) for sides in cut):
            flow.tensor = layers.Cropping2D(cut)(flow.tensor)
    elif isinstance(spec, Pool2D):
        image = flow.image()
        if any(spec.padding) and layer.padding == "valid":
            image = _padded(spec, image)
        flow.tensor = layer(image)
    elif isinstance(spec, (BatchNorm, Dropout)) or (isinstance(spec, Activation) and spec.kind != "softmax"):
        flow.tensor = layer(flow.tensor)  # any layout will do
    elif isinstance(spec, (LSTM, GRU)):
        flow.tensor = layer(flow.tensor, mask=flow.mask)
    elif isinstance(spec, SelfAttention):
        flow.tensor = layer(flow.tensor, flow.tensor, **_masks(spec, flow))
    else:
        flow.tensor = layer(flow.neutral())
    if not _keeps_time(spec):
        flow.mask = None
    flow.keep()


def _masks(spec: SelfAttention, flow: Flow) -> Mapping[str, Any]:
    """What the layer is told of padding and of time: by words of its own, or in one mask that it is given."""
    if "use_causal_mask" in _ATTENDS:
        masks = {"query_mask": flow.mask, "value_mask": flow.mask, "key_mask": flow.mask}
        return {**masks, "use_causal_mask": spec.causal}
    given = None
    if flow.mask is not None:
        rows, columns = (layers.Reshape(shape)(ops.cast(flow.mask, "float32")) for shape in ((-1, 1), (1, -1)))
        given = ops.multiply(rows, columns)
    if spec.causal:
        steps = flow.tensor.shape[1]
        past = np.tril(np.ones((1, steps, steps), "float32"))
        given = past if given is None else ops.multiply(given, past)
    return {} if given is None else {"attention_mask": given}


def _keeps_time(spec: Layer) -> bool:
    return not isinstance(spec, Flatten) and (not isinstance(spec, (LSTM, GRU)) or spec.sequences)


def _pool_padding(spec: Pool2D, flow: Flow) -> str:
    """Keras' word for the padding: "same" where that pads as asked and does not count what it pads, else "valid"."""
    if not any(spec.padding):
        return "valid"
    shape = flow.tensor.shape
    lengths = shape[1:3] if flow.channels_last else shape[2:4]
    same = is_same(lengths, spec.size, spec.stride, spec.padding)
    if spec.kind == "average":
        if spec.count_padding:
            return "valid"
        if not same:
            refuse(_refusals.explicit_average_padding())
    return "same" if same else "valid"


def _padded(spec: Pool2D, image: Any) -> Any:
    """The image padded ahead of a "valid" pooling: by zeros to be counted in an average, by -inf for a maximum."""
    (rows, columns) = spec.padding
    if spec.kind == "average":
        return layers.ZeroPadding2D((rows, columns))(image)
    return ops.pad(image, ((0, 0), (rows, rows), (columns, columns), (0, 0)), constant_values=float("-inf"))


Layers = Mapping[int, Any]
