# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Neutral layers by `brew` and the operators of Caffe2, and where their weights lie."""

from __future__ import annotations

from typing import Any, Sequence

import attrs
import numpy as np
from caffe2.python import brew, core, rnn_cell, workspace
from caffe2.python.gru_cell import GRU
from caffe2.python.model_helper import ModelHelper

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._shapes import shapes_along
from fwconformance.frameworks.caffe2 import _refusals
from fwconformance.frameworks.caffe2._nets import blob, feed, joined, split, turned

#: Caffe2's LSTM has its gates in the order input, forget, output, cell; this order reads either as the other.
_GATES = (0, 1, 3, 2)


@attrs.frozen(kw_only=True)
class Slot:
    """Where a neutral weight stands: the `parts` (blobs) that it is made of, and how they are laid out.

    `kind`: "same"; "turned", each part is the transposed one; "gates", the four of an LSTM. Parts are joined on the
    neutral array's last axis.
    """

    parts: tuple[str, ...]
    kind: str = "same"

    def read(self, names: Sequence[str]) -> Any:
        """The neutral tensor of what the blobs `names` hold, one a part, by Caffe2's own operators."""
        if self.kind == "turned":
            names = [turned(name) for name in names]
        elif self.kind == "gates":
            matrix = self.parts[0].endswith("_w")
            names = split(turned(names[0]) if matrix else names[0], 4, axis=1 if matrix else 0)
            names = [names[gate] for gate in _GATES]
        return blob(joined(names))

    def write(self, value: Any) -> None:
        """Put the neutral array `value` into the parts."""
        pieces = np.split(value, len(self.parts), axis=-1)
        if self.kind == "gates":
            quarters = np.split(value, 4, axis=-1)
            pieces = [np.concatenate([quarters[gate] for gate in _GATES], axis=-1)]
        for part, piece in zip(self.parts, pieces):
            feed(part, np.ascontiguousarray(piece if self.kind == "same" else piece.T))


class Plan:
    """A net being declared, layer by layer. `lengths` is a blob that is always fed where the network reads sequences.

    Attributes:
        helper: the ModelHelper; its parameters are those that are trained.
        slots: neutral weight to its place.
        statics: blobs that are zero and stay so: biases that the description does not have.
        states: (blob, units) of the first states that recurrent layers start from.
        masks: (blob, causal) of what attention adds to its scores.
        loss: blob of the scalar, where gradients were added.
    """

    def __init__(self, network: neutral.Network, scope: str, *, training: bool, init: bool) -> None:
        self.helper = ModelHelper(name=scope, arg_scope={"order": "NCHW"}, init_params=init)
        self.slots: dict[str, Slot] = {}
        self.statics: list[tuple[str, int]] = []
        self.states: list[tuple[str, int]] = []
        self.masks: list[tuple[str, bool]] = []
        self.loss: Any = None
        self._test = 0 if training else 1
        self._scope = scope
        with core.NameScope(scope):
            self.data = core.ScopedBlobReference("data")
            self.targets = core.ScopedBlobReference("targets")
            self.lengths = core.ScopedBlobReference("lengths")
            top = self.data
            along: Any = shapes_along(network)
            self._tops = [top]
            for self._index, (layer, before) in enumerate(zip(network.layers, along)):
                # With the batch.
                self._rank = len(before) + 1
                self._width = before[0] if len(before) == 3 else before[-1]
                top = self._add(layer, top)
                self._tops.append(top)
            self.outputs = self.helper.net.Copy(top, "outputs")
            # A net is created over blobs that are there, filled or not.
            for name in (self.data, self.targets, self.lengths, *(name for name, _ in (*self.states, *self.masks))):
                workspace.CreateBlob(str(name))
            self.classes = along[-1][-1]
        if not init:
            # Layers that know nothing of init_params (recurrent cells, layer_norm) fill what the model already holds.
            del self.helper.param_init_net.Proto().op[:]

    def _name(self, part: str = "") -> str:
        return f"layer{self._index}{part}"

    def _keep(self, role: str, *parts: str, kind: str = "same") -> None:
        self.slots[f"{self._index}.{role}"] = Slot(parts=tuple(f"{self._scope}/{part}" for part in parts), kind=kind)

    def _untrained(self, part: str, size: int) -> None:
        """Parameter `part` is zero and stays so."""
        name = f"{self._scope}/{part}"
        self.statics.append((name, size))
        self.helper.params[:] = [each for each in self.helper.params if str(each) != name]

    def _add(self, layer: Any, x: Any) -> Any:
        """Raises `Unsupported` for what Caffe2 lacks, NotAdapted for a layer that this adapter does not know."""
        method = getattr(self, f"_{type(layer).__name__.lower()}", None)
        if method is None:
            raise NotAdapted(f"the Caffe2 adapter does not know the layer {layer!r}")
        return method(layer, x)

    def _linear(self, x: Any, name: str, size: int, units: int) -> Any:
        return brew.fc(self.helper, x, name, dim_in=size, dim_out=units, axis=self._rank - 1)

    def _dense(self, layer: neutral.Dense, x: Any) -> Any:
        name = self._name()
        top = self._linear(x, name, self._width, layer.units)
        self._keep("kernel", f"{name}_w", kind="turned")
        if layer.bias:
            self._keep("bias", f"{name}_b")
        else:
            self._untrained(f"{name}_b", layer.units)
        return top

    def _conv2d(self, layer: neutral.Conv2D, x: Any) -> Any:
        name, ((top, bottom), (left, right)) = self._name(), layer.padding
        made = brew.conv(
            self.helper,
            x,
            name,
            self._width,
            layer.channels,
            kernel=list(layer.kernel),
            group=layer.groups,
            no_bias=not layer.bias,
            stride_h=layer.stride[0],
            stride_w=layer.stride[1],
            pad_t=top,
            pad_b=bottom,
            pad_l=left,
            pad_r=right,
            dilation_h=layer.dilation[0],
            dilation_w=layer.dilation[1],
        )
        self._keep("kernel", f"{name}_w")
        if layer.bias:
            self._keep("bias", f"{name}_b")
        return made

    def _convtranspose2d(self, layer: neutral.ConvTranspose2D, x: Any) -> Any:
        name = self._name()
        kernel = self.helper.create_param(
            param_name=f"{name}_w",
            shape=[self._width, layer.channels // layer.groups, *layer.kernel],
            initializer=_uniform(self.helper),
        )
        self._keep("kernel", f"{name}_w")
        weights = [x, kernel]
        if layer.bias:
            weights.append(
                self.helper.create_param(
                    param_name=f"{name}_b", shape=[layer.channels], initializer=_uniform(self.helper)
                )
            )
            self._keep("bias", f"{name}_b")
        return self.helper.net.ConvTranspose(
            weights,
            name,
            kernels=list(layer.kernel),
            strides=list(layer.stride),
            pads=[*layer.padding, *layer.padding],
            group=layer.groups,
            order="NCHW",
        )

    def _pool2d(self, layer: neutral.Pool2D, x: Any) -> Any:
        window = {
            "kernel_h": layer.size[0],
            "kernel_w": layer.size[1],
            "stride_h": layer.stride[0],
            "stride_w": layer.stride[1],
            "pad_t": layer.padding[0],
            "pad_b": layer.padding[0],
            "pad_l": layer.padding[1],
            "pad_r": layer.padding[1],
        }
        if layer.kind == "max":
            return brew.max_pool(self.helper, x, self._name(), **window)
        return brew.average_pool(
            self.helper, x, self._name(), count_include_pad=1 if layer.count_padding else 0, **window
        )

    def _batchnorm(self, layer: neutral.BatchNorm, x: Any) -> Any:
        if layer.running_variance == "biased":
            refuse(_refusals.running_variance())
        name = self._name()
        for role, suffix in (("scale", "s"), ("shift", "b"), ("mean", "rm"), ("variance", "riv")):
            self._keep(role, f"{name}_{suffix}")
        net, rows = self.helper.net, self._rank == 2
        # Its gradient takes images alone: rows become images of one cell.
        image = net.ExpandDims(x, net.NextName(), dims=[2, 3]) if rows else x
        normal = brew.spatial_bn(
            self.helper, image, name, self._width, epsilon=layer.epsilon, momentum=1 - layer.rate, is_test=self._test
        )
        return net.Squeeze(normal, net.NextName(), dims=[2, 3]) if rows else normal

    def _layernorm(self, layer: neutral.LayerNorm, x: Any) -> Any:
        name = self._name()
        self._keep("scale", f"{name}_scale")
        self._keep("shift", f"{name}_bias")
        return brew.layer_norm(self.helper, x, name, self._width, axis=self._rank - 1, epsilon=layer.epsilon)[0]

    def _localresponsenorm(self, layer: neutral.LocalResponseNorm, x: Any) -> Any:
        return brew.lrn(
            self.helper, x, self._name(), size=layer.size, alpha=layer.alpha, beta=layer.beta, bias=layer.constant
        )

    def _dropout(self, layer: neutral.Dropout, x: Any) -> Any:
        return brew.dropout(self.helper, x, self._name(), ratio=layer.rate, is_test=self._test)

    def _embedding(self, layer: neutral.Embedding, x: Any) -> Any:
        name = f"{self._name()}_w"
        table = self.helper.create_param(
            param_name=name, shape=[layer.vocabulary, layer.features], initializer=_uniform(self.helper)
        )
        self._keep("table", name)
        return self.helper.net.Gather([table, x], self._name())

    def _lstm(self, layer: neutral.LSTM, x: Any) -> Any:
        return self._recurrent(layer, x, self._lstm_direction)

    def _gru(self, layer: neutral.GRU, x: Any) -> Any:
        return self._recurrent(layer, x, self._gru_direction)

    def _recurrent(self, layer: Any, x: Any, direction: Any) -> Any:
        """Time first, as Caffe2's recurrent networks have it, and back."""
        net = self.helper.net
        steps = net.Transpose(x, self._name("_steps"), axes=[1, 0, 2])
        found = [direction(layer, steps, "")]
        if layer.bidirectional:
            back = direction(layer, net.ReversePackedSegs([steps, self.lengths], self._name("_turned")), "backward_")
            found.append(net.ReversePackedSegs([back, self.lengths], self._name("_back")) if layer.sequences else back)
        top = found[0]
        if len(found) > 1:
            top, _ = net.Concat(found, [self._name("_both"), self._name("_sizes")], axis=2)
        if layer.sequences:
            return net.Transpose(top, self._name("_rows"), axes=[1, 0, 2])
        return net.Squeeze(top, self._name("_last"), dims=[0])

    def _start(self, units: int, part: str) -> Any:
        state = core.ScopedBlobReference(self._name(f"_{part}"))
        self.states.append((str(state), units))
        return state

    def _lstm_direction(self, layer: neutral.LSTM, steps: Any, prefix: str) -> Any:
        name = self._name(f"_{prefix}lstm")
        states = (self._start(layer.units, f"{prefix}h"), self._start(layer.units, f"{prefix}c"))
        outputs, last, _, _ = rnn_cell.LSTM(
            self.helper,
            steps,
            self.lengths,
            states,
            self._width,
            layer.units,
            scope=name,
            outputs_with_grads=(0,) if layer.sequences else (1,),
        )
        self._keep(f"{prefix}kernel", f"{name}/i2h_w", kind="gates")
        self._keep(f"{prefix}recurrent", f"{name}/gates_t_w", kind="gates")
        self._keep(f"{prefix}bias", f"{name}/i2h_b", kind="gates")
        # A neutral LSTM trains one bias. Two would move it twice a step.
        self._untrained(f"{name}/gates_t_b", 4 * layer.units)
        return outputs if layer.sequences else last

    def _gru_direction(self, layer: neutral.GRU, steps: Any, prefix: str) -> Any:
        name = self._name(f"_{prefix}gru")
        outputs, last = GRU(
            self.helper,
            steps,
            self.lengths,
            (self._start(layer.units, f"{prefix}h"),),
            self._width,
            layer.units,
            scope=name,
            linear_before_reset=layer.reset == "after",
            outputs_with_grads=(0,) if layer.sequences else (1,),
        )[:2]
        gates = [f"{name}/{gate}_gate_t" for gate in ("reset", "update", "output")]
        self._keep(f"{prefix}kernel", f"{name}/i2h_w", kind="turned")
        self._keep(f"{prefix}bias", f"{name}/i2h_b")
        self._keep(f"{prefix}recurrent", *(f"{gate}_w" for gate in gates), kind="turned")
        if layer.reset == "after":
            self._keep(f"{prefix}recurrent_bias", *(f"{gate}_b" for gate in gates))
        else:
            for gate in gates:
                self._untrained(f"{gate}_b", layer.units)
        return outputs if layer.sequences else last

    def _selfattention(self, layer: neutral.SelfAttention, x: Any) -> Any:
        """Put together from BatchMatMul and Softmax; what may not be seen is in a blob that is fed."""
        net, size = self.helper.net, self._width
        mask = core.ScopedBlobReference(self._name("_mask"))
        self.masks.append((str(mask), layer.causal))
        heads = []
        for role in ("query", "key", "value"):
            rows = self._projected(role, x, size)
            apart, _ = net.Reshape(
                rows, [net.NextName(), net.NextName()], shape=[0, 0, layer.heads, size // layer.heads]
            )
            heads.append(net.Transpose(apart, net.NextName(), axes=[0, 2, 1, 3]))
        query, key, value = heads
        scores = net.BatchMatMul([query, key], net.NextName(), trans_b=1)
        scores = net.Scale(scores, net.NextName(), scale=float((size // layer.heads) ** -0.5))
        scores = net.Softmax(net.Add([scores, mask], net.NextName()), net.NextName(), axis=3)
        mixed = net.Transpose(net.BatchMatMul([scores, value], net.NextName()), net.NextName(), axes=[0, 2, 1, 3])
        together, _ = net.Reshape(mixed, [net.NextName(), net.NextName()], shape=[0, 0, size])
        return self._projected("output", together, size)

    def _projected(self, role: str, x: Any, size: int) -> Any:
        name = self._name(f"_{role}")
        self._keep(f"{role}_kernel", f"{name}_w", kind="turned")
        self._keep(f"{role}_bias", f"{name}_b")
        return self._linear(x, name, size, size)

    def _activation(self, layer: neutral.Activation, x: Any) -> Any:
        net = self.helper.net
        if layer.kind == "softmax":
            return net.Softmax(x, self._name(), axis=self._rank - 1)
        known = {"relu": net.Relu, "tanh": net.Tanh, "sigmoid": net.Sigmoid, "gelu": net.Gelu}
        if layer.kind not in known:
            raise NotAdapted(f"the Caffe2 adapter does not know the activation {layer.kind!r}")
        return known[layer.kind](x, self._name())

    def _flatten(self, layer: neutral.Flatten, x: Any) -> Any:
        return self.helper.net.Flatten(x, self._name())

    def _earlier(self, layer: Any) -> list[Any]:
        return [self._tops[source + 1] for source in neutral.sources(layer, self._index)]

    def _shortcut(self, layer: neutral.Shortcut, x: Any) -> Any:
        return self.helper.net.Add(self._earlier(layer), self._name())

    def _route(self, layer: neutral.Route, x: Any) -> Any:
        parts = self._earlier(layer)
        if len(parts) == 1:
            return parts[0]
        return self.helper.net.Concat(parts, [self._name(), self._name("_sizes")], axis=1)[0]


def _uniform(helper: Any) -> Any:
    from caffe2.python.modeling import initializers

    if not helper.init_params:
        return initializers.ExternalInitializer()
    return initializers.Initializer("UniformFill", min=-0.05, max=0.05)
