# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Neutral layers as Caffe's, in a NetSpec, and how their blobs read as neutral weights.

Caffe's recurrent layers read sequences time first, and it has no layer that swaps axes: a net with a time axis is
time-major from its input to its output, as in Caffe's own examples, and the data are put in and taken out that way.
"""

from __future__ import annotations

from typing import Any, Mapping

import attrs
import caffe
import numpy as np
from caffe import layers as L  # noqa: N812  # as all of Caffe's documentation has it
from caffe import params as P  # noqa: N812

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.caffe import _refusals

#: Caffe's LSTM has its gates in the order input, forget, output, cell; this order reads either as the other.
_GATES = (0, 1, 3, 2)
_FILLER = {"type": "xavier"}


@attrs.frozen(kw_only=True)
class Slot:
    """Where a neutral weight stands: blob `index` of layer `layer`; `kind` says how it is laid out there."""

    layer: str
    index: int
    shape: tuple[int, ...]
    kind: str = "same"

    def read(self, value: Any) -> Any:
        """The neutral array of what the blob (or its diff) holds."""
        if self.kind == "gates":
            units = value.shape[0] // 4
            return value.reshape((4, units, *value.shape[1:]))[list(_GATES)].reshape(value.shape).T
        return value.reshape(self.shape)

    def write(self, value: Any, blob: Any) -> None:
        if self.kind == "gates":
            turned = np.asarray(value).T
            units = turned.shape[0] // 4
            value = turned.reshape((4, units, *turned.shape[1:]))[list(_GATES)].reshape(turned.shape)
        blob.data[...] = np.reshape(value, tuple(blob.shape))


class Plan:
    """A net being declared, layer by layer, for inputs of one shape. `lengths`: sequences end at different steps."""

    def __init__(
        self,
        network: neutral.Network,
        shapes: Mapping[str, tuple[int, ...]],
        batch: int,
        size: tuple[int, ...],
        *,
        lengths: bool,
    ) -> None:
        self.spec = caffe.NetSpec()
        self.slots: dict[str, Slot] = {}
        #: Layers that keep statistics: rate of a batch normalisation by layer name.
        self.rates: dict[str, float] = {}
        self.lengths = lengths
        self._shapes = shapes
        self._batch = batch
        # A sequence has features; so has a row of token ids, once they are looked up.
        self.timed = len(size) == 2 or network.integer_input
        self.steps = size[0] if self.timed else 0
        dims = [self.steps, batch, *size[1:]] if self.timed else [batch, *size]
        self.input_timed = self.timed
        self.size = tuple(dims)
        self.spec.data = L.Input(shape={"dim": dims})
        top = self.spec.data
        self._tops = [top]
        for self._index, layer in enumerate(network.layers):
            top = self._add(layer, top)
            self._tops.append(top)
        # By a layer of its own: a blob has one name, and the last layer keeps that of its weights.
        self.spec.outputs = L.Split(top, ntop=1)
        self.top = self.spec.outputs

    def _name(self, part: str = "") -> str:
        return f"layer{self._index}{part}"

    def _keep(self, role: str, index: int, part: str = "", kind: str = "same") -> None:
        name = f"{self._index}.{role}"
        self.slots[name] = Slot(layer=self._name(part), index=index, shape=self._shapes[name], kind=kind)

    def _put(self, top: Any, part: str = "") -> Any:
        self.spec[self._name(part)] = top
        return top

    def _add(self, layer: Any, x: Any) -> Any:
        """Raises `Unsupported` for what Caffe lacks, NotAdapted for a layer that this adapter does not know."""
        method = getattr(self, f"_{type(layer).__name__.lower()}", None)
        if method is None:
            raise NotAdapted(f"the Caffe adapter does not know the layer {layer!r}")
        return method(layer, x)

    def _dense(self, layer: neutral.Dense, x: Any) -> Any:
        self._keep("kernel", 0)
        if layer.bias:
            self._keep("bias", 1)
        return self._put(
            L.InnerProduct(
                x, num_output=layer.units, bias_term=layer.bias, axis=-1, transpose=True, weight_filler=_FILLER
            )
        )

    def _conv2d(self, layer: neutral.Conv2D, x: Any) -> Any:
        self._keep("kernel", 0)
        if layer.bias:
            self._keep("bias", 1)
        (top, bottom), (left, right) = layer.padding
        pad = (top, left)
        if top != bottom or left != right:
            pad = (0, 0)
            x = self._padded(x, layer.padding)
        return self._put(
            L.Convolution(
                x,
                num_output=layer.channels,
                kernel_h=layer.kernel[0],
                kernel_w=layer.kernel[1],
                stride_h=layer.stride[0],
                stride_w=layer.stride[1],
                pad_h=pad[0],
                pad_w=pad[1],
                dilation=list(layer.dilation),
                group=layer.groups,
                bias_term=layer.bias,
                weight_filler=_FILLER,
            )
        )

    def _convtranspose2d(self, layer: neutral.ConvTranspose2D, x: Any) -> Any:
        self._keep("kernel", 0)
        if layer.bias:
            self._keep("bias", 1)
        return self._put(
            L.Deconvolution(
                x,
                convolution_param={
                    "num_output": layer.channels,
                    "kernel_h": layer.kernel[0],
                    "kernel_w": layer.kernel[1],
                    "stride_h": layer.stride[0],
                    "stride_w": layer.stride[1],
                    "pad_h": layer.padding[0],
                    "pad_w": layer.padding[1],
                    "group": layer.groups,
                    "bias_term": layer.bias,
                    "weight_filler": _FILLER,
                },
            )
        )

    def _padded(self, x: Any, padding: Any) -> Any:
        """Zeros beside `x`, as blobs of constants joined to it: there is no layer that pads, and none pads one side."""
        from fwconformance.frameworks.caffe._nets import load

        for axis, (before, after) in zip((2, 3), padding):
            self.spec[self._name(f"wide{axis}")] = x = L.Split(x, ntop=1)
            shape = list(load(self.spec).blobs[self._name(f"wide{axis}")].data.shape)
            around = []
            for size in (before, after):
                shape[axis] = size
                zeros = (
                    L.DummyData(shape={"dim": list(shape)}, data_filler={"type": "constant", "value": 0.0})
                    if size
                    else None
                )
                around.append([zeros] if zeros is not None else [])
            x = L.Concat(*around[0], x, *around[1], axis=axis)
        return x

    def _pool2d(self, layer: neutral.Pool2D, x: Any) -> Any:
        if layer.kind != "max" and layer.padding != (0, 0) and not layer.count_padding:
            from fwconformance.frameworks._probes import refuse

            refuse(_refusals.padding_count())
        return self._put(
            L.Pooling(
                x,
                pool=P.Pooling.MAX if layer.kind == "max" else P.Pooling.AVE,
                kernel_h=layer.size[0],
                kernel_w=layer.size[1],
                stride_h=layer.stride[0],
                stride_w=layer.stride[1],
                pad_h=layer.padding[0],
                pad_w=layer.padding[1],
                round_mode=P.Pooling.FLOOR,
            )
        )

    def _batchnorm(self, layer: neutral.BatchNorm, x: Any) -> Any:
        if layer.running_variance == "biased":  # "either" is what Caffe keeps
            from fwconformance.frameworks._probes import refuse

            refuse(_refusals.running_variance())
        self._keep("scale", 0, "scale")
        self._keep("shift", 1, "scale")
        self._keep("mean", 0, kind="statistic")
        self._keep("variance", 1, kind="statistic")
        self.rates[self._name()] = layer.rate
        normal = self._put(L.BatchNorm(x, moving_average_fraction=1 - layer.rate, eps=layer.epsilon))
        return self._put(L.Scale(normal, bias_term=True), "scale")

    def _layernorm(self, layer: neutral.LayerNorm, x: Any) -> Any:
        _refusals.no_layer("LayerNorm", "LayerNormalization", "GroupNorm")

    def _localresponsenorm(self, layer: neutral.LocalResponseNorm, x: Any) -> Any:
        return self._put(L.LRN(x, local_size=layer.size, alpha=layer.alpha, beta=layer.beta, k=layer.constant))

    def _dropout(self, layer: neutral.Dropout, x: Any) -> Any:
        return self._put(L.Dropout(x, dropout_ratio=layer.rate))

    def _embedding(self, layer: neutral.Embedding, x: Any) -> Any:
        self._keep("table", 0)
        return self._put(
            L.Embed(x, input_dim=layer.vocabulary, num_output=layer.features, bias_term=False, weight_filler=_FILLER)
        )

    def _lstm(self, layer: neutral.LSTM, x: Any) -> Any:
        forward = self._direction(layer.units, x, "", backward=False)
        if not layer.bidirectional:
            return forward if layer.sequences else self._at_end(forward)
        backward = self._direction(layer.units, self._turned(x), "backward_", backward=True)
        if layer.sequences:
            return self._put(L.Concat(forward, self._turned(backward), axis=2), "both")
        # After reading the first step, which it reads last.
        self.timed = False
        first = L.Reshape(self._steps(backward)[-1], shape={"dim": [self._batch, layer.units]})
        return self._put(L.Concat(self._at_end(forward), first, axis=1), "both")

    def _direction(self, units: int, x: Any, prefix: str, *, backward: bool) -> Any:
        for role, index in (("kernel", 0), ("bias", 1), ("recurrent", 2)):
            self._keep(f"{prefix}{role}", index, prefix, kind="gates")
        marks = "starts_backward" if backward and self.lengths else "starts"
        if marks not in self.spec.tops:
            self.spec[marks] = L.Input(shape={"dim": [self.steps, self._batch]})
        return self._put(
            L.LSTM(x, self.spec[marks], recurrent_param={"num_output": units, "weight_filler": _FILLER}), prefix
        )

    def _steps(self, x: Any) -> list[Any]:
        found = L.Slice(x, ntop=self.steps, axis=0) if self.steps > 1 else x
        return list(found) if self.steps > 1 else [found]

    def _turned(self, x: Any) -> Any:
        """The steps in reverse."""
        return L.Concat(*reversed(self._steps(x)), axis=0)

    def _at_end(self, x: Any) -> Any:
        """The last step (batch, features), or the one that `ends` marks."""
        self.timed = False
        if not self.lengths:
            return self._put(L.Reshape(self._steps(x)[-1], shape={"dim": [self._batch, -1]}), "last")
        if "ends" not in self.spec.tops:
            self.spec.ends = L.Input(shape={"dim": [self.steps, self._batch]})
        marked = self._steps(L.Scale(x, self.spec.ends, axis=0))
        total = L.Eltwise(*marked) if len(marked) > 1 else marked[0]
        return self._put(L.Reshape(total, shape={"dim": [self._batch, -1]}), "last")

    def _gru(self, layer: neutral.GRU, x: Any) -> Any:
        _refusals.no_layer("GRU", "GRUUnit")

    def _selfattention(self, layer: neutral.SelfAttention, x: Any) -> Any:
        _refusals.no_layer("Attention", "MultiHeadAttention", "MatMul", "BatchMatMul")

    def _activation(self, layer: neutral.Activation, x: Any) -> Any:
        if layer.kind == "softmax":
            return self._put(L.Softmax(x, axis=-1))
        known = {"relu": L.ReLU, "tanh": L.TanH, "sigmoid": L.Sigmoid}
        if layer.kind in known:
            return self._put(known[layer.kind](x))
        if layer.kind == "gelu":
            _refusals.no_layer("GELU", "Gelu", "Erf")
        raise NotAdapted(f"the Caffe adapter does not know the activation {layer.kind!r}")

    def _earlier(self, layer: Any) -> list[Any]:
        return [self._tops[source + 1] for source in neutral.sources(layer, self._index)]

    def _shortcut(self, layer: neutral.Shortcut, x: Any) -> Any:
        return self._put(L.Eltwise(*self._earlier(layer), operation=P.Eltwise.SUM))

    def _route(self, layer: neutral.Route, x: Any) -> Any:
        parts = self._earlier(layer)
        return parts[0] if len(parts) == 1 else self._put(L.Concat(*parts, axis=1))

    def _flatten(self, layer: neutral.Flatten, x: Any) -> Any:
        if not self.timed:
            return self._put(L.Flatten(x))
        self.timed = False
        rows = [L.Reshape(step, shape={"dim": [self._batch, -1]}) for step in self._steps(x)]
        return self._put(L.Concat(*rows, axis=1))
