# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Neutral layers as Gluon blocks, and their weights in the neutral layout.

Each part wraps Gluon's own block and says how its parameters read and write as neutral roles. `read` takes a function
that picks what to read of a parameter (its value, its gradient), so both share one transposition.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping

from mxnet import gluon, nd
from mxnet.gluon import nn

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.mxnet import _refusals
from fwconformance.frameworks.mxnet._part import Part, Pick, Plain, Shape
from fwconformance.frameworks.mxnet._recurrent import RecurrentPart


class DensePart(Part):
    def __init__(self, layer: neutral.Dense, shapes: Mapping[str, Shape]) -> None:
        super().__init__()
        with self.name_scope():
            self.inner = nn.Dense(layer.units, use_bias=layer.bias, flatten=False, in_units=shapes["kernel"][0])

    def read(self, pick: Pick) -> dict[str, Any]:
        found = {"kernel": pick(self.inner.weight).T}
        if self.inner.bias is not None:
            found["bias"] = pick(self.inner.bias)
        return found

    def write(self, values: Mapping[str, Any]) -> None:
        self.inner.weight.set_data(values["kernel"].T)
        if self.inner.bias is not None:
            self.inner.bias.set_data(values["bias"])


class ConvPart(Part):
    def __init__(self, layer: neutral.Conv2D, shapes: Mapping[str, Shape]) -> None:
        super().__init__()
        (top, bottom), (left, right) = layer.padding
        symmetric = top == bottom and left == right
        # Convolution pads both sides alike; the other padding is MXNet's own pad operator before it, as its users
        # write it.
        self._around = None if symmetric else (0, 0, 0, 0, top, bottom, left, right)
        with self.name_scope():
            self.inner = nn.Conv2D(
                layer.channels,
                layer.kernel,
                strides=layer.stride,
                padding=(top, left) if symmetric else (0, 0),
                dilation=layer.dilation,
                groups=layer.groups,
                use_bias=layer.bias,
                in_channels=shapes["kernel"][1] * layer.groups,
            )

    def hybrid_forward(self, ops: Any, x: Any, lengths: Any = None) -> Any:
        return self.inner(x if self._around is None else ops.pad(x, mode="constant", pad_width=self._around))

    @property
    def called(self) -> Any:
        return self.inner if self._around is None else self

    def read(self, pick: Pick) -> dict[str, Any]:
        found = {"kernel": pick(self.inner.weight)}
        if self.inner.bias is not None:
            found["bias"] = pick(self.inner.bias)
        return found

    def write(self, values: Mapping[str, Any]) -> None:
        self.inner.weight.set_data(values["kernel"])
        if self.inner.bias is not None:
            self.inner.bias.set_data(values["bias"])


class ConvTransposePart(Part):
    def __init__(self, layer: neutral.ConvTranspose2D, shapes: Mapping[str, Shape]) -> None:
        super().__init__()
        with self.name_scope():
            self.inner = nn.Conv2DTranspose(
                layer.channels,
                layer.kernel,
                strides=layer.stride,
                padding=layer.padding,
                groups=layer.groups,
                use_bias=layer.bias,
                in_channels=shapes["kernel"][0],
            )

    read, write = ConvPart.read, ConvPart.write


class NormPart(Part):
    """Batch and layer normalisation: gamma and beta, and running statistics where the block keeps them."""

    def __init__(self, make: Callable[[], Any]) -> None:
        super().__init__()
        with self.name_scope():
            self.inner = make()

    def read(self, pick: Pick) -> dict[str, Any]:
        return {"scale": pick(self.inner.gamma), "shift": pick(self.inner.beta)}

    def state(self) -> dict[str, Any]:
        if isinstance(self.inner, nn.LayerNorm):
            return {}
        return {"mean": self.inner.running_mean, "variance": self.inner.running_var}

    def write(self, values: Mapping[str, Any]) -> None:
        self.inner.gamma.set_data(values["scale"])
        self.inner.beta.set_data(values["shift"])
        for role, parameter in self.state().items():
            parameter.set_data(values[role])


class EmbeddingPart(Part):
    def __init__(self, layer: neutral.Embedding) -> None:
        super().__init__()
        with self.name_scope():
            self.inner = nn.Embedding(layer.vocabulary, layer.features)

    def read(self, pick: Pick) -> dict[str, Any]:
        return {"table": pick(self.inner.weight)}

    def write(self, values: Mapping[str, Any]) -> None:
        self.inner.weight.set_data(values["table"])


class AttentionPart(Part):
    """MXNet's operators for multi-head self-attention between two dense layers; Gluon has no block for it.

    The operators take query, key and value interleaved by head, time first, and scale the scores themselves.
    """

    def __init__(self, layer: neutral.SelfAttention, shapes: Mapping[str, Shape]) -> None:
        super().__init__()
        self._features = features = shapes["query_kernel"][0]
        self._heads = layer.heads
        self._causal = layer.causal
        with self.name_scope():
            self.inner = nn.Dense(3 * features, flatten=False, in_units=features)
            self.outward = nn.Dense(features, flatten=False, in_units=features)

    def hybrid_forward(self, ops: Any, x: Any, lengths: Any = None) -> Any:
        joined = self.inner(ops.swapaxes(x, 0, 1))
        scores = ops.contrib.interleaved_matmul_selfatt_qk(joined, heads=self._heads)
        seen_from = ops.expand_dims(ops.contrib.arange_like(scores, axis=1), axis=1)
        looked_at = ops.expand_dims(ops.contrib.arange_like(scores, axis=2), axis=0)
        if self._causal:
            later = ops.expand_dims(ops.broadcast_greater(looked_at, seen_from), axis=0)
            scores = ops.broadcast_add(scores, -1e9 * later)
        if lengths is not None:
            ends = ops.expand_dims(ops.repeat(ops.cast(lengths, "float32"), self._heads, axis=0), axis=1)
            scores = ops.broadcast_add(
                scores, -1e9 * ops.expand_dims(ops.broadcast_greater_equal(looked_at, ends), axis=1)
            )
        weights = ops.softmax(scores, axis=-1)
        mixed = ops.contrib.interleaved_matmul_selfatt_valatt(joined, weights, heads=self._heads)
        return ops.swapaxes(self.outward(mixed), 0, 1)

    def read(self, pick: Pick) -> dict[str, Any]:
        size, heads = self._features, self._heads
        kernels = pick(self.inner.weight).reshape((heads, 3, size // heads, size))
        biases = pick(self.inner.bias).reshape((heads, 3, size // heads))
        found = {"output_kernel": pick(self.outward.weight).T, "output_bias": pick(self.outward.bias)}
        for index, name in enumerate(("query", "key", "value")):
            found[f"{name}_kernel"] = kernels[:, index].reshape((size, size)).T
            found[f"{name}_bias"] = biases[:, index].reshape((size,))
        return found

    def write(self, values: Mapping[str, Any]) -> None:
        size, heads = self._features, self._heads
        names = ("query", "key", "value")
        kernels = [values[f"{name}_kernel"].T.reshape((heads, size // heads, size)) for name in names]
        biases = [values[f"{name}_bias"].reshape((heads, size // heads)) for name in names]
        self.inner.weight.set_data(nd.stack(*kernels, axis=1).reshape((3 * size, size)))
        self.inner.bias.set_data(nd.stack(*biases, axis=1).reshape((3 * size,)))
        self.outward.weight.set_data(values["output_kernel"].T)
        self.outward.bias.set_data(values["output_bias"])


class Softmax(gluon.HybridBlock):
    """MXNet's softmax operator over the last axis; Gluon has no block for it."""

    def hybrid_forward(self, ops: Any, x: Any) -> Any:
        return ops.softmax(x, axis=-1)


ACTIVATIONS: Mapping[str, Callable[[], Any]] = {
    "relu": lambda: nn.Activation("relu"),
    "tanh": lambda: nn.Activation("tanh"),
    "sigmoid": lambda: nn.Activation("sigmoid"),
    "gelu": nn.GELU,
    "softmax": Softmax,
}


def pool(layer: neutral.Pool2D) -> Any:
    if layer.kind == "max":
        return nn.MaxPool2D(layer.size, layer.stride, layer.padding)
    return nn.AvgPool2D(layer.size, layer.stride, layer.padding, count_include_pad=layer.count_padding)


class ResponseNormPart(Part):
    """The operator LRN, which Gluon has no block for."""

    def __init__(self, layer: neutral.LocalResponseNorm) -> None:
        super().__init__()
        self._settings = {"alpha": layer.alpha, "beta": layer.beta, "knorm": layer.constant, "nsize": layer.size}

    def hybrid_forward(self, ops: Any, x: Any, lengths: Any = None) -> Any:
        return ops.LRN(x, **self._settings)


class JoinPart(Part):
    """A sum of outputs, or outputs joined by channels."""

    def __init__(self, layer: Any, index: int) -> None:
        super().__init__()
        self.sources = neutral.sources(layer, index)
        self._adds = isinstance(layer, neutral.Shortcut)

    def hybrid_forward(self, ops: Any, *earlier: Any) -> Any:
        if self._adds:
            return earlier[0] + earlier[1]
        return ops.identity(earlier[0]) if len(earlier) == 1 else ops.concat(*earlier, dim=1)


def part(layer: Any, index: int, shapes: Mapping[str, Shape]) -> Part:
    """The block for `layer`, at `index` of its network; `shapes` are its weights' by role.

    Raises `Unsupported` for a convention that MXNet lacks, NotAdapted for a layer that this adapter does not know.
    """
    if isinstance(layer, neutral.Dense):
        return DensePart(layer, shapes)
    if isinstance(layer, neutral.Conv2D):
        return ConvPart(layer, shapes)
    if isinstance(layer, neutral.ConvTranspose2D):
        return ConvTransposePart(layer, shapes)
    if isinstance(layer, neutral.Pool2D):
        return Plain(lambda: pool(layer))
    if isinstance(layer, neutral.BatchNorm):
        if layer.running_variance == "unbiased":
            _refusals.unbiased_running_variance()
        channels = shapes["scale"][0]
        return NormPart(lambda: nn.BatchNorm(momentum=1 - layer.rate, epsilon=layer.epsilon, in_channels=channels))
    if isinstance(layer, neutral.LayerNorm):
        return NormPart(lambda: nn.LayerNorm(epsilon=layer.epsilon, in_channels=shapes["scale"][0]))
    if isinstance(layer, neutral.LocalResponseNorm):
        return ResponseNormPart(layer)
    if isinstance(layer, neutral.Dropout):
        return Plain(lambda: nn.Dropout(layer.rate))
    if isinstance(layer, neutral.Embedding):
        return EmbeddingPart(layer)
    if isinstance(layer, neutral.GRU) and layer.reset == "before":
        _refusals.reset_before()
    if isinstance(layer, (neutral.LSTM, neutral.GRU)):
        return RecurrentPart(layer, shapes)
    if isinstance(layer, neutral.SelfAttention):
        return AttentionPart(layer, shapes)
    if isinstance(layer, neutral.Activation) and layer.kind in ACTIVATIONS:
        return Plain(ACTIVATIONS[layer.kind])
    if isinstance(layer, neutral.Flatten):
        return Plain(nn.Flatten)
    if isinstance(layer, (neutral.Shortcut, neutral.Route)):
        return JoinPart(layer, index)
    raise NotAdapted(f"the MXNet adapter does not know {layer!r}")


def grouped(shapes: Mapping[str, tuple[int, ...]], layers: int) -> list[dict[str, Shape]]:
    """``{"0.kernel": shape}`` as one mapping by role for each layer."""
    found: list[dict[str, Shape]] = [{} for _ in range(layers)]
    for name, shape in shapes.items():
        index, role = name.split(".", 1)
        found[int(index)][role] = shape
    return found
