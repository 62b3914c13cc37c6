# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "operators": those of ONNX, each by one layer of Caffe, alone in a net."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Callable, Mapping, Sequence

import caffe
import numpy as np
from caffe import layers as L  # noqa: N812  # as all of Caffe's documentation has it
from caffe import params as P  # noqa: N812

from fwconformance.frameworks._operators import Call, OperatorTable, named
from fwconformance.frameworks.caffe._nets import held, load
from fwconformance.frameworks.caffe._refusals import LayerTypes

Attributes = Mapping[str, Any]


def _layer(kind: str) -> Callable[..., Any] | None:
    """A net of one such layer, by its bottoms; None where the build has registered no such type.

    Beside the layer's own fields, `blobs` are its weights, and `ntop` says how many tops it has.
    """
    if kind not in set(caffe.layer_type_list()):
        return None

    def run(*bottoms: Any, blobs: Sequence[Any] = (), ntop: int = 1, **fields: Any) -> Any:
        spec = caffe.NetSpec()
        for index, bottom in enumerate(bottoms):
            spec[f"bottom{index}"] = L.Input(shape={"dim": list(bottom.shape)})
        given = [spec[f"bottom{index}"] for index in range(len(bottoms))]
        made = getattr(L, kind)(*given, ntop=ntop, **fields)
        for index, top in enumerate(made if ntop > 1 else [made]):
            spec[f"top{index}"] = top
        net = load(spec)
        for blob, value in zip(net.params["top0"] if blobs else (), blobs):
            blob.data[...] = np.reshape(value, tuple(blob.shape))
        for index, bottom in enumerate(bottoms):
            net.blobs[f"bottom{index}"].data[...] = bottom
        net.forward()
        found = [np.array(net.blobs[f"top{index}"].data) for index in range(ntop)]
        return found if ntop > 1 else found[0]

    return run


def _power(**fields: float) -> Call:
    """(shift + scale * x) ** power."""
    return Call("Power", lambda _, x: ((x,), fields))


def _joined(operation: int, weights: Callable[[int], Sequence[float]] | None = None) -> Call:
    """Arrays of one shape, value by value; `weights`: of so many summands."""

    def give(_: Attributes, *x: Any) -> Any:
        return x, {"operation": operation, **({"coeff": list(weights(len(x)))} if weights else {})}

    return Call("Eltwise", give)


def _window(a: Attributes) -> dict[str, Any]:
    (height, width), (top, left) = a["kernel_shape"], a["pads"][:2]
    return {"kernel_h": height, "kernel_w": width, "pad_h": top, "pad_w": left}


def _pooling(pool: int, *, near: bool = False) -> Call:
    return Call("Pooling", lambda a, x: ((x,), {"pool": pool, **_window(a)}), near=near)


def _over_all(pool: int) -> Call:
    return Call("Pooling", lambda _, x: ((x,), {"pool": pool, "global_pooling": True}))


def _convolved(filters: int) -> Callable[..., Any]:
    """`filters`: the axis of the weights that counts them."""

    def give(a: Attributes, x: Any, w: Any) -> Any:
        window = _window({"kernel_shape": w.shape[2:], **a})
        strides = dict(zip(("stride_h", "stride_w"), a["strides"]))
        fields = {"num_output": w.shape[filters], "bias_term": False, **window, **strides}
        return (x,), {"convolution_param": fields, "blobs": (w,)}

    return give


def _reduced(operation: int) -> Call:
    """The layer reduces what comes last, and keeps no axis for it."""

    def axis(a: Attributes, *axes: Any) -> int:
        return int(axes[0].ravel()[0]) if axes else a["axes"][0]

    def give(a: Attributes, x: Any, *axes: Any) -> Any:
        return (np.moveaxis(x, axis(a, *axes), -1),), {"operation": operation, "axis": x.ndim - 1}

    return Call("Reduction", give, lambda result, a, _, *axes: np.expand_dims(result, axis(a, *axes)))


def _shaped(shape: Callable[..., Sequence[int]]) -> Call:
    return Call("Reshape", lambda _, x, *rest: ((x,), {"shape": {"dim": [int(one) for one in shape(x, *rest)]}}))


def _gates(values: Any, hidden: int) -> Any:
    """From the standard's order (input, output, forget, cell) to Caffe's (input, forget, output, cell)."""
    return values.reshape(4, hidden, -1)[[0, 2, 1, 3]].reshape(4 * hidden, -1)


def _starts(x: Any) -> Any:
    """Every sequence begins with the first step."""
    marks = np.ones(x.shape[:2], dtype=np.float32)
    marks[0] = 0
    return marks


def _lstm(a: Attributes, x: Any, w: Any, r: Any, b: Any) -> Any:
    hidden = a["hidden_size"]
    blobs = (_gates(w, hidden), _gates(b.reshape(2, -1).sum(axis=0), hidden), _gates(r, hidden))
    return (x, _starts(x)), {"recurrent_param": {"num_output": hidden}, "blobs": blobs}


def _rnn(a: Attributes, x: Any, w: Any, r: Any, b: Any) -> Any:
    """The hidden state itself is a top where it is exposed; the layer's output is a dense layer of it."""
    hidden = a["hidden_size"]
    fields = {"recurrent_param": {"num_output": hidden, "expose_hidden": True}, "ntop": 2}
    before = np.zeros((1, x.shape[1], hidden), dtype=np.float32)
    return (x, _starts(x), before), {**fields, "blobs": (w, b.reshape(2, -1).sum(axis=0), r)}


def _in_batch_of_one(_: Attributes, x: Any) -> Any:
    """The batch laid into the images' height, since mean and variance are those of each image."""
    return (np.moveaxis(x, 1, 0).reshape(1, x.shape[1], -1, x.shape[3]),), {"eps": 1e-9}


def _as_batch(result: Any, _: Attributes, x: Any) -> Any:
    batch, channels, height, width = x.shape
    return np.moveaxis(result.reshape(channels, batch, height, width), 0, 1)


def _cut(_: Attributes, x: Any, starts: Any, ends: Any, axes: Any, steps: Any) -> Any:
    """By a blob of the size that is wanted, and where to begin."""
    size, offset = list(x.shape), [0] * x.ndim
    for axis, first, last in zip(*(values.astype(int).ravel() for values in (axes, starts, ends))):
        offset[axis], size[axis] = int(first), min(int(last), size[axis]) - int(first)
    return (x, np.zeros(size, dtype=np.float32)), {"axis": 0, "offset": offset}


def _in_a_row(x: Any, times: int) -> Any:
    """As often as all axes together."""
    return (x.reshape(1, -1),), {"axis": 0, "tiles": times}


def _repeats_between(result: Any, _: Attributes, x: Any, times: Any) -> Any:
    """Each axis' repeats before it."""
    counts = times.astype(int)
    order = [place for axis in range(x.ndim) for place in (axis, axis + x.ndim)]
    return result.reshape(*counts, *x.shape).transpose(order).reshape(counts * x.shape)


def _more(x: Any, shape: Any) -> int:
    """How often all elements come in the expanded array, whose other axes keep their size."""
    return int(np.prod(np.broadcast(np.empty(x.shape), np.empty(shape.astype(int))).shape)) // x.size


def _expanded(result: Any, a: Attributes, x: Any, shape: Any) -> Any:
    """The same where the axes that are expanded have one element."""
    wide = x.reshape((1,) * (len(shape) - x.ndim) + x.shape)
    return _repeats_between(result, a, wide, np.where(np.array(wide.shape) == 1, shape, 1))


#: Layers that take the standard's inputs as they are.
_PLAIN = {
    "AbsVal": "Abs", "BNLL": "Softplus", "Dropout": "Dropout", "Exp": "Exp", "Filter": "Compress", "Flatten": "Flatten",
    "Log": "Log", "ReLU": "Relu", "Sigmoid": "Sigmoid", "Split": "Identity", "TanH": "Tanh",
}  # fmt: skip

CALLS: Mapping[str, Call] = {
    **{operator: Call(kind) for kind, operator in _PLAIN.items()},
    "Add": Call("Bias", lambda _, x, y: ((x, y), {"axis": x.ndim - y.ndim})),
    # Of truth values the product is their conjunction.
    "And": Call("Scale", lambda _, x, y: ((x, y), {"axis": x.ndim - y.ndim})),
    "ArgMax": Call("ArgMax", named(axis="axis")),
    # It divides by the whole window, with what lies in the padding.
    "AveragePool": _pooling(P.Pooling.AVE, near=True),
    # Scale and shift are a layer of their own.
    "BatchNormalization": Call(
        "BatchNorm",
        lambda a, x, scale, shift, mean, variance: (
            (x,),
            {"eps": a["epsilon"], "use_global_stats": True, "blobs": (mean, variance, 1.0)},
        ),
        near=True,
    ),
    "Clip": Call("Clip", lambda _, x, low, high: ((x,), {"min": float(low), "max": float(high)})),
    "Concat": Call("Concat", lambda a, *x: (x, {"axis": a["axis"]})),
    "ConstantOfShape": Call(
        "DummyData",
        lambda a, shape: (
            (),
            {
                "shape": {"dim": [int(one) for one in shape]},
                "data_filler": {"type": "constant", "value": a["value"][0]},
            },
        ),
    ),
    "Conv": Call("Convolution", _convolved(0)),
    "ConvTranspose": Call("Deconvolution", _convolved(1)),
    "DequantizeLinear": Call(
        "Power",
        lambda _, x, scale, zero: ((x,), {"scale": float(scale), "shift": -float(scale) * float(zero)}),
    ),
    "Elu": Call("ELU", named(alpha="alpha")),
    "Expand": Call("Tile", lambda _, x, shape: _in_a_row(x, _more(x, shape)), _expanded),
    "Gather": Call(
        "BatchReindex",
        lambda a, x, places: ((np.moveaxis(x, a["axis"], 0), places), {}),
        lambda result, a, *_: np.moveaxis(result, 0, a["axis"]),
    ),
    # The factors of product and summand cannot be chosen.
    "Gemm": Call(
        "InnerProduct", lambda _, x, y, added: ((x.T,), {"num_output": len(y), "blobs": (y, added)}), near=True
    ),
    "GlobalAveragePool": _over_all(P.Pooling.AVE),
    "GlobalMaxPool": _over_all(P.Pooling.MAX),
    # Likewise.
    "InstanceNormalization": Call("MVN", lambda a, x, *_: ((x,), {"eps": a["epsilon"]}), near=True),
    "LRN": Call("LRN", named(local_size="size", alpha="alpha", beta="beta", k="bias")),
    "LSTM": Call("LSTM", _lstm, lambda result, *_: result[-1:]),
    "LeakyRelu": Call("ReLU", named(negative_slope="alpha")),
    "Max": _joined(P.Eltwise.MAX),
    "MaxPool": _pooling(P.Pooling.MAX),
    "Mean": _joined(P.Eltwise.SUM, lambda number: [1 / number] * number),
    "MeanVarianceNormalization": Call("MVN", _in_batch_of_one, _as_batch),
    "Mul": _joined(P.Eltwise.PROD),
    "Neg": _power(scale=-1.0),
    "Not": _power(scale=-1.0, shift=1.0),
    "OneHot": Call(
        "Embed",
        lambda _, x, depth, values: (
            (x,),
            {
                "input_dim": int(depth),
                "num_output": int(depth),
                "bias_term": False,
                "blobs": (np.where(np.eye(int(depth)) > 0, values[1], values[0]),),
            },
        ),
    ),
    "PRelu": Call(
        "PReLU",
        lambda _, x, slope: ((np.swapaxes(x, 1, 2),), {"blobs": (slope,)}),
        lambda result, *_: np.swapaxes(result, 1, 2),
    ),
    # By one number.
    "Pow": Call("Power", lambda _, x, y: ((x,), {"power": float(y.ravel()[0])}), near=True),
    "RNN": Call("RNN", _rnn, lambda result, *_: result[1]),
    "Reciprocal": _power(power=-1.0),
    "ReduceL1": _reduced(P.Reduction.ASUM),
    "ReduceMean": _reduced(P.Reduction.MEAN),
    "ReduceSum": _reduced(P.Reduction.SUM),
    "ReduceSumSquare": _reduced(P.Reduction.SUMSQ),
    "Reshape": _shaped(lambda x, shape: shape),
    # The documented way to scale up, which darkens the borders.
    "Resize": Call(
        "Deconvolution",
        lambda _, x, *rest: (
            (x,),
            {
                "convolution_param": {
                    "num_output": 1,
                    "kernel_size": 4,
                    "stride": 2,
                    "pad": 1,
                    "bias_term": False,
                    "weight_filler": {"type": "bilinear"},
                },
            },
        ),
        near=True,
    ),
    # It has a shape given, and does not give one.
    "Shape": Call("Reshape", lambda _, x: ((x,), {"shape": {"dim": [0] * x.ndim}}), near=True),
    "Slice": Call("Crop", _cut),
    "Softmax": Call("Softmax", named(axis="axis")),
    # It gives one number for the batch.
    "SoftmaxCrossEntropyLoss": Call(
        "SoftmaxWithLoss", lambda _, x, t: ((x, t), {"loss_param": {"normalization": P.Loss.NONE}}), near=True
    ),
    "Split": Call("Slice", lambda a, x: ((x,), {"axis": a["axis"], "ntop": a["outputs"]})),
    "Sqrt": _power(power=0.5),
    "Squeeze": _shaped(lambda x, axes: np.squeeze(x, tuple(axes.astype(int))).shape),
    "Sub": _joined(P.Eltwise.SUM, lambda _: (1.0, -1.0)),
    "Sum": _joined(P.Eltwise.SUM),
    # Whether a value lies above it.
    "ThresholdedRelu": Call("Threshold", named(threshold="alpha"), near=True),
    # It has one axis to repeat along.
    "Tile": Call("Tile", lambda _, x, times: _in_a_row(x, int(np.prod(times))), _repeats_between),
    # Values or places, not both.
    "TopK": Call("ArgMax", lambda a, x, k: ((x,), {"top_k": int(k[0]), "axis": a["axis"]}), near=True),
    "Unsqueeze": _shaped(lambda x, axes: np.expand_dims(x, int(axes[0])).shape),
}


def piece() -> OperatorTable:
    """The piece "operators"."""
    return OperatorTable(
        CALLS,
        places={"caffe.layer_type_list()": SimpleNamespace(**dict.fromkeys(caffe.layer_type_list()))},
        native=lambda _, value: np.asarray(value, dtype=np.float32),
        result=lambda value: held({"result": value})["result"],
        function=_layer,
        absent=lambda names: LayerTypes(names=names),
    )
