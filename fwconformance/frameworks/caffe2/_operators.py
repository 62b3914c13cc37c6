# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "operators": those of ONNX, each by one operator of Caffe2, run alone, or by one of its recurrent networks.

The operator ATen, which runs functions of PyTorch, is none of its own.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Callable, Mapping, Sequence

import numpy as np
from caffe2.proto import caffe2_pb2
from caffe2.python import gru_cell, rnn_cell

from fwconformance.frameworks._operators import Call, OperatorTable, named, of_type, unpooled_shape
from fwconformance.frameworks.caffe2._alone import Bytes, NoBias, function_of, listed_operators, number
from fwconformance.frameworks.caffe2._nets import blob, feed, fresh
from fwconformance.frameworks.caffe2._refusals import Operators

Attributes = Mapping[str, Any]


def _numbers(x: Any) -> list[int]:
    return [int(one) for one in np.asarray(x).ravel()]


def _window(a: Attributes) -> dict[str, Any]:
    chosen = {"kernels": a.get("kernel_shape"), "strides": a.get("strides"), "pads": a.get("pads")}
    return {"order": "NCHW", **{name: list(value) for name, value in chosen.items() if value}}


def _convolved(a: Attributes, x: Any, w: Any) -> Any:
    return (x, w), _window({"kernel_shape": w.shape[2:], **a})


def _over_all(kind: str) -> Call:
    return Call(kind, lambda _, x: ((x,), {"global_pooling": 1, "order": "NCHW"}))


def _reduced(kind: str) -> Call:
    def give(a: Attributes, x: Any, *axes: Any) -> Any:
        return (x,), {"axes": _numbers(axes[0]) if axes else list(a["axes"]), "keepdims": 1}

    return Call(kind, give)


def _found(kind: str) -> Call:
    return Call(kind, lambda a, x: ((x,), {"axis": a["axis"], "keepdims": a["keepdims"]}))


def _first(result: Any, *_: Any) -> Any:
    return result[0]


def _gates(values: Any, order: Sequence[int]) -> Any:
    """The standard's gates in another order, one below the other."""
    parts = np.split(values.reshape(-1, values.shape[-1]) if values.ndim > 1 else values, len(order))
    return np.concatenate([parts[gate] for gate in order])


def _cells(order: Sequence[int], states: int, **more: Any) -> Any:
    """Arguments of `_alone._through_cells`; `order`: where Caffe2's gates are in the standard."""

    def give(a: Attributes, x: Any, w: Any, r: Any, b: Any) -> Any:
        weights = {
            "i2h_w": _gates(w, order), "i2h_b": _gates(b.reshape(2, -1).sum(axis=0), order),
            "gates_t_w": _gates(r, order), "_t_b": np.zeros(len(order) * a["hidden_size"]),
        }  # fmt: skip
        return (x, a["hidden_size"], weights, states), more

    return give


def _gru(a: Attributes, x: Any, w: Any, r: Any, b: Any) -> Any:
    """Reset, update, output; the standard has update first. A matrix of its own for each gate's hidden state."""
    hidden, order = a["hidden_size"], (1, 0, 2)
    parts = np.split(r.reshape(-1, hidden), 3)
    weights = {
        "i2h_w": _gates(w, order), "i2h_b": _gates(b.reshape(2, -1).sum(axis=0), order), "_t_b": np.zeros(hidden),
        **{f"{gate}_gate_t_w": parts[place] for gate, place in zip(("reset", "update", "output"), order)},
    }  # fmt: skip
    return (x, hidden, weights, 1), {}


def _in_batch_of_one(_: Attributes, x: Any) -> Any:
    """The batch laid into the images' height, since mean and variance are those of each image."""
    channels = x.shape[1]
    laid = np.moveaxis(x, 1, 0).reshape(1, channels, -1, x.shape[3])
    return (laid, np.ones(channels, np.float32), np.zeros(channels, np.float32)), {"order": "NCHW", "epsilon": 1e-9}


def _as_batch(result: Any, _: Attributes, x: Any) -> Any:
    batch, channels, height, width = x.shape
    return np.moveaxis(result.reshape(channels, batch, height, width), 0, 1)


def _padding(_: Attributes, x: Any, pads: Any, value: Any) -> Any:
    """Of images, whose batch and channels are left alone."""
    places = dict(zip(("pad_t", "pad_l", "pad_b", "pad_r"), (2, 3, 6, 7)))
    sides = {name: _numbers(pads)[place] for name, place in places.items()}
    return (x,), {"mode": "constant", "value": number(value), "order": "NCHW", **sides}


def _cut(_: Attributes, x: Any, starts: Any, ends: Any, axes: Any, steps: Any) -> Any:
    begin, end = [0] * x.ndim, [-1] * x.ndim
    for axis, first, last in zip(_numbers(axes), _numbers(starts), _numbers(ends)):
        begin[axis], end[axis] = first, last
    return (x,), {"starts": begin, "ends": end}


def _unpooled(a: Attributes, x: Any, places: Any) -> Any:
    """Into zeros, in one row, as the places are counted."""
    zeros = np.zeros(int(np.prod(unpooled_shape(a, x))), np.float32)
    return (zeros, places.ravel(), x.ravel()), {"axis": 0}


def _hot(_: Attributes, x: Any, depth: Any, values: Any) -> Any:
    """One place of each row, of a tensor that is elsewhere the other value."""
    off, on = (float(one) for one in values)
    rows = np.full((len(x), int(number(depth))), off, np.float32)
    return (rows, x.astype(np.int64)[:, None], np.full((len(x), 1), on, np.float32)), {"axis": 1}


def _blocks_as_batch(a: Attributes, x: Any) -> Any:
    """Channels count the places in a block first: as images of a batch, of which the operator makes one."""
    _, channels, height, width = x.shape
    places = a["blocksize"] ** 2
    laid = x.reshape(places, channels // places, height, width)
    return (laid,), {"block_size": a["blocksize"], "pad": 0, "order": "NCHW"}


def _quantized(laid: Callable[[Any, Any], Any], **more: Any) -> Callable[..., Any]:
    """Inputs and weights in bytes, as `laid` lays them out, weights of an output a row; and a bias of nothing."""

    def give(_: Attributes, *x: Any) -> Any:
        inputs, scale, zero, weights, weight_scale, weight_zero, own_scale, own_zero = x
        inputs, weights = laid(inputs, weights)
        bias = NoBias(size=len(weights), scale=number(scale) * number(weight_scale))
        given = (Bytes(inputs, scale, zero), Bytes(weights, weight_scale, weight_zero), bias)
        return given, {"Y_scale": number(own_scale), "Y_zero_point": int(number(own_zero)), "in_bytes": True, **more}

    return give


#: Operators that take the standard's inputs as they are.
_PLAIN = {
    "Abs": "Abs", "Acos": "Acos", "Add": "Add", "And": "And", "Asin": "Asin", "Atan": "Atan", "BatchMatMul": "MatMul",
    "Ceil": "Ceil", "Copy": "Identity", "Cos": "Cos", "Cosh": "Cosh", "Div": "Div", "EQ": "Equal", "Erf": "Erf",
    "Exp": "Exp", "Floor": "Floor", "GE": "GreaterOrEqual", "GT": "Greater", "IsNaN": "IsNaN", "LE": "LessOrEqual",
    "LT": "Less", "Log": "Log", "Max": "Max", "Mean": "Mean", "Min": "Min", "Mul": "Mul", "Negative": "Neg",
    "Not": "Not", "Or": "Or", "Pow": "Pow", "Range": "Range", "Reciprocal": "Reciprocal", "Relu": "Relu",
    "Selu": "Selu", "Shape": "Shape", "Sigmoid": "Sigmoid", "Sign": "Sign", "Sin": "Sin", "Sinh": "Sinh",
    "Size": "Size", "Softplus": "Softplus", "Softsign": "Softsign", "Sqrt": "Sqrt", "Sub": "Sub", "Sum": "Sum",
    "Tan": "Tan", "Tanh": "Tanh", "Where": "Where", "Xor": "Xor", "BooleanMask": "Compress",
}  # fmt: skip

CALLS: Mapping[str, Call] = {
    **{operator: Call(kind) for kind, operator in _PLAIN.items()},
    "ArgMax": _found("ArgMax"),
    "ArgMin": _found("ArgMin"),
    "AveragePool": Call("AveragePool", lambda a, x: ((x,), _window(a))),
    "BatchNormalization": Call(
        "SpatialBN", lambda a, *x: (x, {"epsilon": a["epsilon"], "is_test": 1, "order": "NCHW"})
    ),
    "Cast": Call("Cast", lambda _, x: ((x,), {"to": caffe2_pb2.TensorProto.DOUBLE}), of_type("float64")),
    "Clip": Call("Clip", lambda _, x, low, high: ((x,), {"min": number(low), "max": number(high)})),
    "Concat": Call("Concat", lambda a, *x: (x, {"axis": a["axis"], "tops": 2}), _first),
    "ConstantOfShape": Call(
        "ConstantFill", lambda a, shape: ((), {"shape": _numbers(shape), "value": float(a["value"][0])})
    ),
    "Conv": Call("Conv", _convolved),
    "ConvTranspose": Call("ConvTranspose", _convolved),
    "DepthToSpace": Call("BatchToSpace", _blocks_as_batch),
    "DequantizeLinear": Call("Int8Dequantize", lambda _, x, scale, zero: ((Bytes(x, scale, zero),), {})),
    "Dropout": Call("Dropout", lambda _, x: ((x,), {"is_test": 1, "tops": 2}), _first),
    "Elu": Call("Elu", named(alpha="alpha")),
    "Expand": Call("Expand"),
    "EyeLike": Call("DiagonalFill", lambda _, x: ((), {"shape": list(x.shape), "value": 1.0})),
    "Flatten": Call("Flatten"),
    "GRU": Call("gru_cell.GRU", _gru),
    "Gather": Call("Gather", lambda a, x, places: ((x, places), {"axis": a["axis"]})),
    # The factors of product and summand cannot be chosen.
    "Gemm": Call("FC", lambda _, x, y, added: ((x.T, y, added.ravel()), {}), near=True),
    "GlobalAveragePool": _over_all("AveragePool"),
    "GlobalMaxPool": _over_all("MaxPool"),
    "HardSigmoid": Call("HardSigmoid", named(alpha="alpha", beta="beta")),
    "InstanceNormalization": Call("InstanceNorm", lambda a, *x: (x, {"epsilon": a["epsilon"], "order": "NCHW"})),
    "LRN": Call(
        "LRN",
        lambda a, x: (
            (x,),
            {"size": a["size"], "alpha": a["alpha"], "beta": a["beta"], "bias": a["bias"], "order": "NCHW", "tops": 2},
        ),
        _first,
    ),
    "LSTM": Call("rnn_cell.LSTM", _cells((0, 2, 1, 3), 2)),
    "LeakyRelu": Call("LeakyRelu", named(alpha="alpha")),
    "MaxPool": Call("MaxPool", lambda a, x: ((x,), _window(a))),
    "MaxUnpool": Call("Scatter", _unpooled, lambda result, a, x, *_: result.reshape(unpooled_shape(a, x))),
    "MeanVarianceNormalization": Call("InstanceNorm", _in_batch_of_one, _as_batch),
    # Of whole numbers.
    "Mod": Call("Mod", lambda _, x, y: ((x,), {"divisor": int(number(y))}), near=True),
    # Of the classes after the first, which is the background.
    "NonMaxSuppression": Call(
        "BoxWithNMSLimit",
        lambda _, boxes, scores, most, overlap, least: (
            (np.stack([0 * scores[0, 0], scores[0, 0]], axis=1), np.concatenate([boxes[0], boxes[0]], axis=1)),
            {
                "nms": number(overlap),
                "score_thresh": number(least),
                "detections_per_im": int(number(most)),
                "legacy_plus_one": False,
                "tops": 6,
            },
        ),
        lambda result, *_: np.pad(result[4][:, None], ((0, 0), (2, 0))),
    ),
    "OneHot": Call("Scatter", _hot),
    "PRelu": Call(
        "PRelu",
        lambda _, x, slope: ((np.swapaxes(x, 1, 2), slope), {"order": "NCHW"}),
        lambda result, *_: np.swapaxes(result, 1, 2),
    ),
    "Pad": Call("PadImage", _padding),
    "QLinearConv": Call(
        "Int8Conv",
        _quantized(lambda x, w: (np.moveaxis(x, 1, -1), np.moveaxis(w, 1, -1)), kernel=1, order="NHWC"),
        lambda result, *_: np.moveaxis(result, -1, 1),
    ),
    "QLinearMatMul": Call("Int8FC", _quantized(lambda x, w: (x, w.T))),
    "QuantizeLinear": Call(
        "Int8Quantize",
        lambda _, x, scale, zero: (
            (x,),
            {"Y_scale": number(scale), "Y_zero_point": int(number(zero)), "in_bytes": True},
        ),
    ),
    "RNN": Call("rnn_cell.BasicRNN", _cells((0,), 1, activation="tanh")),
    "ReduceL1": _reduced("ReduceL1"),
    "ReduceL2": _reduced("ReduceL2"),
    # The exponential comes first.
    "ReduceLogSum": Call("SortedSegmentRangeLogSumExp", lambda _, x: ((x, np.zeros(len(x), np.int32)), {}), near=True),
    "ReduceLogSumExp": Call(
        "SortedSegmentRangeLogSumExp",
        lambda a, x: ((np.moveaxis(x, a["axes"][0], 0), np.zeros(x.shape[a["axes"][0]], np.int32)), {}),
        lambda result, a, *_: np.moveaxis(result, 0, a["axes"][0]),
    ),
    "ReduceMax": _reduced("ReduceMax"),
    "ReduceMean": _reduced("ReduceMean"),
    "ReduceMin": _reduced("ReduceMin"),
    "ReduceSum": _reduced("ReduceSum"),
    "ReduceSumSquare": Call(
        "DotProduct",
        lambda a, x: ((np.moveaxis(x, a["axes"][0], -1).reshape(-1, x.shape[a["axes"][0]]),) * 2, {}),
        lambda result, _, x: result.reshape(x.shape[0], 1, -1),
    ),
    "Reshape": Call("Reshape", lambda _, x, shape: ((x,), {"shape": _numbers(shape), "tops": 2}), _first),
    # Corners lie on corners.
    "Resize": Call(
        "UpsampleBilinear",
        lambda _, x, __, scales: ((x,), {"height_scale": number(scales[2]), "width_scale": number(scales[3])}),
        near=True,
    ),
    "ReverseSequence": Call(
        "ReversePackedSegs",
        lambda _, x, lengths: ((x.T[:, :, None], lengths.astype(np.int32)), {}),
        lambda result, *_: result[:, :, 0].T,
    ),
    "RoiAlign": Call(
        "RoIAlign",
        lambda a, x, boxes, batch: (
            (x, np.concatenate([batch[:, None].astype(np.float32), boxes], axis=1)),
            {
                "order": "NCHW",
                "spatial_scale": a["spatial_scale"],
                "sampling_ratio": a["sampling_ratio"],
                "pooled_h": a["output_height"],
                "pooled_w": a["output_width"],
            },
        ),
    ),
    "ScatterElements": Call("Scatter", lambda a, x, places, values: ((x, places, values), {"axis": a["axis"]})),
    "ScatterND": Call("ScatterAssign", lambda _, x, places, values: ((x, places[:, 0], values), {"over": True})),
    "Slice": Call("Slice", _cut),
    # What comes after the axis belongs to the sum, so the axis is laid last.
    "Softmax": Call(
        "Softmax",
        lambda a, x: ((np.moveaxis(x, a["axis"], -1),), {"axis": x.ndim - 1}),
        lambda result, a, *_: np.moveaxis(result, -1, a["axis"]),
    ),
    # It gives one number for the batch.
    "SoftmaxCrossEntropyLoss": Call(
        "SoftmaxWithLoss",
        lambda _, x, t: ((x, t.astype(np.int32)), {"tops": 2}),
        lambda result, *_: result[1],
        near=True,
    ),
    "Split": Call("Split", lambda a, x: ((x,), {"axis": a["axis"], "tops": a["outputs"]})),
    "Squeeze": Call("Squeeze", lambda _, x, axes: ((x,), {"dims": _numbers(axes)})),
    "ThresholdedRelu": Call("ThresholdedRelu", named(alpha="alpha")),
    "Tile": Call("NumpyTile", lambda _, x, times: ((x, times.astype(np.int64)), {})),
    "TopK": Call("TopK", lambda a, x, k: ((x,), {"k": int(number(k)), "axis": a["axis"], "tops": 2})),
    "Transpose": Call("Transpose", lambda a, x: ((x,), {"axes": list(a["perm"])})),
    # Of whole numbers, and without their counts.
    "Unique": Call("Unique", lambda _, x: ((x.astype(np.int64),), {"tops": 2}), near=True),
    "Unsqueeze": Call("ExpandDims", lambda _, x, axes: ((x,), {"dims": _numbers(axes)})),
}


def _blob(value: Any) -> Any:
    name = fresh("result")
    feed(name, np.asarray(value, dtype=np.float32))
    return blob(name)


def piece() -> OperatorTable:
    """The piece "operators"."""
    return OperatorTable(
        CALLS,
        places={
            "workspace.RegisteredOperators()": SimpleNamespace(**dict.fromkeys(listed_operators())),
            "rnn_cell": rnn_cell,
            "gru_cell": gru_cell,
        },
        native=lambda _, value: value.astype(np.float32) if value.dtype == np.float64 else value,
        result=_blob,
        function=function_of,
        absent=lambda names: Operators(names=names),
    )
