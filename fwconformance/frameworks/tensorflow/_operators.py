# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Piece "operators": those of ONNX, each by one function of TensorFlow without Keras."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np
import tensorflow as tf

from fwconformance.frameworks._operators import Call, OperatorTable, named, of_type, unpooled_shape
from fwconformance.frameworks.tensorflow._model import scope

Attributes = Mapping[str, Any]
_TO_LAST, _TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
_BYTE = {"min": -128, "max": 127}


def _stacked(a: Attributes, *x: Any) -> Any:
    """Several tensors as one, along a new first axis that the function takes away."""
    return (tf.stack(x), 0), {}


def _reduced(a: Attributes, x: Any) -> Any:
    return (x,), {"axis": a["axes"], "keepdims": True}


def _numbers(x: Any) -> list[int]:
    return [int(one) for one in np.ravel(x.numpy())]


def _first(result: Any, *_: Any) -> Any:
    """Channels from the last axis to the second."""
    return tf.transpose(result, _TO_FIRST)


def _last(x: Any) -> Any:
    return tf.transpose(x, _TO_LAST)


def _around(a: Attributes) -> list[list[int]]:
    """Padding as TensorFlow's convolutions take it."""
    pads = a["pads"]
    return [[0, 0], [pads[0], pads[2]], [pads[1], pads[3]], [0, 0]]


def _transposed(a: Attributes, x: Any, w: Any) -> Any:
    """The output's size is told; the kernel is (height, width, outputs, inputs)."""
    pads, strides = a["pads"], a["strides"]
    size = [
        strides[axis] * (x.shape[2 + axis] - 1) + w.shape[2 + axis] - pads[axis] - pads[axis + 2] for axis in (0, 1)
    ]
    shape = [x.shape[0], *size, w.shape[1]]
    return (_last(x), tf.transpose(w, (2, 3, 1, 0)), shape), {"strides": strides, "padding": _around(a)}


def _padding(a: Attributes, x: Any, pads: Any, value: Any) -> Any:
    before, after = np.split(pads.numpy(), 2)
    return (x, np.stack([before, after], axis=1)), {"constant_values": value}


def _sliced(a: Attributes, x: Any, starts: Any, ends: Any, axes: Any, steps: Any) -> Any:
    begin, end, stride = [0] * x.shape.rank, list(x.shape), [1] * x.shape.rank
    for axis, first, last, step in zip(*(_numbers(one) for one in (axes, starts, ends, steps))):
        begin[axis], end[axis], stride[axis] = first, last, step
    return (x, begin, end, stride), {}


def _gates(values: Any, order: Sequence[int]) -> Any:
    """Inputs by units, the standard's gates in another order beside each other."""
    parts = np.split(values.numpy()[0], len(order))
    return np.concatenate([parts[gate] for gate in order]).T


def _states(a: Attributes, x: Any) -> Any:
    return np.zeros((x.shape[1], a["hidden_size"]), np.float32)


def _block_lstm(a: Attributes, x: Any, w: Any, r: Any, b: Any) -> Any:
    order = (0, 2, 3, 1)
    begin, peephole = _states(a, x), np.zeros(a["hidden_size"], np.float32)
    bias = sum(_gates(half[None], order) for half in tf.split(b[0], 2))
    weights = np.concatenate([_gates(w, order), _gates(r, order)])
    names = {"cs_prev": begin, "h_prev": begin, "w": weights, "b": bias, "wci": peephole, "wcf": peephole}
    return (), {"seq_len_max": np.int64(x.shape[0]), "x": x, "wco": peephole, **names}


def _block_gru(a: Attributes, x: Any, w: Any, r: Any, b: Any) -> Any:
    """One step, as many as the test has; reset and update together, then the candidate."""
    hidden, order = a["hidden_size"], (1, 0, 2)
    weights = np.concatenate([_gates(w, order), _gates(r, order)])
    bias = sum(_gates(half[None], order) for half in tf.split(b[0], 2))
    gates = {"w_ru": weights[:, : 2 * hidden], "b_ru": bias[: 2 * hidden]}
    candidate = {"w_c": weights[:, 2 * hidden :], "b_c": bias[2 * hidden :]}
    return (), {"x": x[0], "h_prev": _states(a, x), **gates, **candidate}


def _in_bytes(name: str, values: Any, zero: Any) -> dict[str, Any]:
    """Bytes that count from their zero point, told as the range that they stand for."""
    least = -float(np.ravel(zero)[0])
    values = tf.bitcast(tf.cast(values, tf.uint8), tf.quint8)
    return {name: values, f"min_{name}": least, f"max_{name}": least + 255}


def _over_batch(x: Any, scale: Any, shift: Any, epsilon: float) -> Any:
    """Mean and variance are those of what is given, channel by channel."""
    names = {"x": _last(x), "scale": scale, "offset": shift, "mean": tf.zeros(0), "variance": tf.zeros(0)}
    return (), {**names, "epsilon": epsilon, "is_training": True}


def _unpooled(a: Attributes, x: Any, places: Any) -> Any:
    """Into zeros, in one row, as the places are counted."""
    size = int(np.prod(unpooled_shape(a, x)))
    return (tf.reshape(tf.cast(places, tf.int32), (-1, 1)), tf.reshape(x, [-1]), [size]), {}


def _signed(values: Any) -> Any:
    """Bytes that count from -128: so does their zero point."""
    return tf.bitcast(tf.cast(tf.cast(values, tf.int32) - 128, tf.int8), tf.qint8)


def _uniform(x: Any, scale: Any, zero: Any, w: Any, weight_scale: Any, weight_zero: Any) -> dict[str, Any]:
    """Both sides, each with its scale and its zero point, in bytes with a sign."""
    bounds = {f"{side}_quantization_{end}_val": value for side in ("lhs", "rhs") for end, value in _BYTE.items()}
    scales = {"lhs_scales": float(np.ravel(scale)[0]), "rhs_scales": float(np.ravel(weight_scale)[0])}
    zeros = {"lhs_zero_points": int(np.ravel(zero)[0]) - 128, "rhs_zero_points": int(np.ravel(weight_zero)[0]) - 128}
    return {"lhs": _signed(x), "rhs": _signed(w), **scales, **zeros, **bounds, "Tout": tf.qint32}


def _requantized(**more: Any) -> Any:
    def give(_: Attributes, *given: Any) -> Any:
        *sides, scale, zero = given
        own = {"output_scales": float(np.ravel(scale)[0]), "output_zero_points": int(np.ravel(zero)[0])}
        return (), {
            **_uniform(*sides),
            **own,
            "output_quantization_min_val": 0,
            "output_quantization_max_val": 255,
            **more,
        }

    return give


def _in_32_bits(a: Attributes, x: Any, w: Any, zero: Any) -> Any:
    whole = {"output_scales": 1.0, "output_zero_points": 0}
    bounds = {"output_quantization_min_val": -(2**31), "output_quantization_max_val": 2**31 - 1}
    top, left, bottom, right = a["pads"]
    around = {"padding": "EXPLICIT", "explicit_padding": [top, bottom, left, right]}
    return (), {**_uniform(x, 1.0, zero, w, 1.0, 0), **whole, **bounds, **around}


def _from_32_bits(result: Any) -> Any:
    return tf.bitcast(result, tf.int32)


#: Functions that take the standard's inputs as they are.
_PLAIN = {
    "abs": "Abs", "acos": "Acos", "acosh": "Acosh", "add": "Add", "asin": "Asin", "asinh": "Asinh",
    "atan": "Atan", "atanh": "Atanh", "ceil": "Ceil", "cos": "Cos", "cosh": "Cosh", "divide": "Div", "equal": "Equal",
    "erf": "Erf", "exp": "Exp", "floor": "Floor", "greater": "Greater", "greater_equal": "GreaterOrEqual",
    "is_inf": "IsInf", "is_nan": "IsNaN", "less": "Less", "less_equal": "LessOrEqual", "log": "Log",
    "logical_and": "And", "logical_not": "Not", "logical_or": "Or", "logical_xor": "Xor", "multiply": "Mul",
    "negative": "Neg", "pow": "Pow", "reciprocal": "Reciprocal", "round": "Round", "sigmoid": "Sigmoid",
    "sign": "Sign", "sin": "Sin", "sinh": "Sinh", "softplus": "Softplus", "sqrt": "Sqrt", "subtract": "Sub",
    "tan": "Tan", "tanh": "Tanh",
}  # fmt: skip

CALLS: Mapping[str, Call] = {
    **{operator: Call(f"tensorflow.math.{name}") for name, operator in _PLAIN.items()},
    "ArgMax": Call(
        "tensorflow.argmax", lambda a, x: ((x, a["axis"]), {}), lambda r, a, *_: tf.expand_dims(r, a["axis"])
    ),
    "ArgMin": Call(
        "tensorflow.argmin", lambda a, x: ((x, a["axis"]), {}), lambda r, a, *_: tf.expand_dims(r, a["axis"])
    ),
    # Its padding on both sides is that of its "SAME".
    "AveragePool": Call(
        "tensorflow.nn.avg_pool2d", lambda a, x: ((_last(x), a["kernel_shape"], 1, "SAME"), {}), _first
    ),
    "BatchNormalization": Call(
        "tensorflow.nn.batch_normalization",
        lambda a, x, scale, shift, mean, variance: ((_last(x), mean, variance, shift, scale, a["epsilon"]), {}),
        _first,
    ),
    "BitShift": Call(
        "tensorflow.bitwise.left_shift", lambda a, x, by: ((tf.cast(x, tf.uint8), tf.cast(by, tf.uint8)), {})
    ),
    "Cast": Call("tensorflow.cast", lambda a, x: ((x, tf.float64), {}), of_type("float64")),
    "Clip": Call("tensorflow.clip_by_value"),
    "Compress": Call("tensorflow.boolean_mask", lambda a, x, mask: ((x, mask, None, a["axis"]), {})),
    "Concat": Call("tensorflow.concat", lambda a, *x: ((x, a["axis"]), {})),
    "ConstantOfShape": Call("tensorflow.fill", lambda a, shape: ((shape, a["value"][0]), {})),
    "Conv": Call(
        "tensorflow.nn.conv2d",
        lambda a, x, w: (
            (_last(x), tf.transpose(w, (2, 3, 1, 0))),
            {"strides": a["strides"], "padding": _around(a)},
        ),
        _first,
    ),
    "ConvInteger": Call("tensorflow.raw_ops.UniformQuantizedConvolution", _in_32_bits, lambda y, *_: _from_32_bits(y)),
    "ConvTranspose": Call("tensorflow.nn.conv2d_transpose", _transposed, _first),
    "CumSum": Call("tensorflow.math.cumsum", lambda a, x, axis: ((x, int(axis)), {})),
    "DepthToSpace": Call("tensorflow.nn.depth_to_space", lambda a, x: ((_last(x), a["blocksize"]), {}), _first),
    "DequantizeLinear": Call(
        "tensorflow.quantization.dequantize",
        lambda a, x, scale, zero: (
            (
                tf.bitcast(tf.cast(x, tf.uint8), tf.quint8),
                float(-zero.numpy() * scale.numpy()),
                float((255 - zero.numpy()) * scale.numpy()),
            ),
            {"mode": "MIN_COMBINED"},
        ),
    ),
    "Det": Call("tensorflow.linalg.det"),
    # Rate 0: it has no other way to do nothing.
    "Dropout": Call("tensorflow.nn.dropout", lambda a, x: ((x, 0.0), {})),
    "Einsum": Call("tensorflow.einsum", lambda a, *x: ((a["equation"].replace(" ", ""), *x), {})),
    # Its slope below zero cannot be chosen.
    "Elu": Call("tensorflow.nn.elu", near=True),
    "Expand": Call(
        "tensorflow.broadcast_to",
        lambda a, x, shape: ((x, np.broadcast(np.empty(x.shape), np.empty(_numbers(shape))).shape), {}),
    ),
    "EyeLike": Call("tensorflow.eye", lambda a, x: (tuple(x.shape), {})),
    "Flatten": Call("tensorflow.reshape", lambda a, x: ((x, (x.shape[0], -1)), {})),
    "GRU": Call("tensorflow.raw_ops.GRUBlockCell", _block_gru, lambda result, *_: result.h[None]),
    "Gather": Call("tensorflow.gather", lambda a, x, places: ((x, places), {"axis": a["axis"]})),
    "GatherElements": Call(
        "tensorflow.gather", lambda a, x, places: ((x, places), {"axis": a["axis"], "batch_dims": a["axis"]})
    ),
    "GatherND": Call("tensorflow.gather_nd"),
    "GlobalAveragePool": Call("tensorflow.reduce_mean", lambda a, x: ((x, (2, 3), True), {})),
    "GlobalMaxPool": Call("tensorflow.reduce_max", lambda a, x: ((x, (2, 3), True), {})),
    "Identity": Call("tensorflow.identity"),
    # Each image's channel a channel of one image.
    "InstanceNormalization": Call(
        "tensorflow.raw_ops.FusedBatchNormV3",
        lambda a, x, scale, shift: _over_batch(
            tf.reshape(x, (1, -1, *x.shape[2:])), tf.tile(scale, x.shape[:1]), tf.tile(shift, x.shape[:1]), a["epsilon"]
        ),
        lambda result, a, x, *_: tf.reshape(_first(result.y), x.shape),
    ),
    "LRN": Call(
        "tensorflow.nn.local_response_normalization",
        lambda a, x: (
            (_last(x),),
            {
                "depth_radius": a["size"] // 2,
                "bias": a["bias"],
                "alpha": a["alpha"] / a["size"],
                "beta": a["beta"],
            },
        ),
        _first,
    ),
    "LSTM": Call("tensorflow.raw_ops.BlockLSTMV2", _block_lstm, lambda y, *_: y.h[-1:]),
    "LeakyRelu": Call("tensorflow.nn.leaky_relu", named(alpha="alpha")),
    "LogSoftmax": Call("tensorflow.nn.log_softmax", named(axis="axis")),
    "MatMul": Call("tensorflow.matmul"),
    # Zero points become ranges of which they are the beginning.
    "MatMulInteger": Call(
        "tensorflow.raw_ops.QuantizedMatMul",
        lambda _, x, w, zero, weight_zero: ((), {**_in_bytes("a", x, zero), **_in_bytes("b", w, weight_zero)}),
        lambda result, *_: tf.bitcast(result[0], tf.int32),
    ),
    "Max": Call("tensorflow.reduce_max", _stacked),
    "MaxPool": Call("tensorflow.nn.max_pool2d", lambda a, x: ((_last(x), a["kernel_shape"], 1, "SAME"), {}), _first),
    "MaxUnpool": Call("tensorflow.scatter_nd", _unpooled, lambda y, a, x, *_: tf.reshape(y, unpooled_shape(a, x))),
    "Mean": Call("tensorflow.reduce_mean", _stacked),
    "MeanVarianceNormalization": Call(
        "tensorflow.raw_ops.FusedBatchNormV3",
        lambda _, x: _over_batch(x, tf.ones(x.shape[1]), tf.zeros(x.shape[1]), 1e-9),
        lambda result, *_: _first(result.y),
    ),
    "Min": Call("tensorflow.reduce_min", _stacked),
    "Mod": Call("tensorflow.truncatemod"),
    "NonMaxSuppression": Call(
        "tensorflow.image.non_max_suppression",
        lambda a, boxes, scores, most, overlap, score: (
            (boxes[0], scores[0, 0], int(most[0]), float(overlap[0]), float(score[0])),
            {},
        ),
        # Batch and class are 0 in the test.
        lambda chosen, *_: tf.pad(chosen[:, None], [[0, 0], [2, 0]]),
    ),
    "NonZero": Call("tensorflow.where", take=lambda result, *_: tf.transpose(result)),
    "OneHot": Call(
        "tensorflow.one_hot",
        lambda a, x, depth, values: ((tf.cast(x, tf.int64), int(depth), values[1], values[0]), {}),
    ),
    "Pad": Call("tensorflow.pad", _padding),
    "QLinearConv": Call(
        "tensorflow.raw_ops.UniformQuantizedConvolution", _requantized(padding="VALID"), lambda y, *_: _from_32_bits(y)
    ),
    "QLinearMatMul": Call("tensorflow.raw_ops.UniformQuantizedDot", _requantized(), lambda y, *_: _from_32_bits(y)),
    "QuantizeLinear": Call(
        "tensorflow.quantization.quantize",
        lambda a, x, scale, zero: (
            (x, float(-zero.numpy() * scale.numpy()), float((255 - zero.numpy()) * scale.numpy()), tf.quint8),
            {"mode": "MIN_COMBINED"},
        ),
        lambda result, *_: tf.bitcast(result.output, tf.uint8),
    ),
    "Range": Call("tensorflow.range"),
    "ReduceL1": Call("tensorflow.norm", lambda a, x: ((x, 1, a["axes"][0], True), {})),
    "ReduceL2": Call("tensorflow.norm", lambda a, x: ((x, 2, a["axes"][0], True), {})),
    "ReduceLogSum": Call("tensorflow.reduce_logsumexp", lambda a, x: ((x,), {"keepdims": True}), near=True),
    "ReduceLogSumExp": Call("tensorflow.reduce_logsumexp", _reduced),
    "ReduceMax": Call("tensorflow.reduce_max", _reduced),
    "ReduceMean": Call("tensorflow.reduce_mean", _reduced),
    "ReduceMin": Call("tensorflow.reduce_min", _reduced),
    "ReduceProd": Call("tensorflow.reduce_prod", _reduced),
    "ReduceSum": Call("tensorflow.reduce_sum", lambda a, x, axes: ((x, axes, True), {})),
    "ReduceSumSquare": Call(
        "tensorflow.nn.sufficient_statistics",
        lambda a, x: ((x, a["axes"]), {"keepdims": True}),
        lambda found, *_: found[2],
    ),
    "Relu": Call("tensorflow.nn.relu"),
    "Reshape": Call("tensorflow.reshape"),
    "Resize": Call(
        "tensorflow.image.resize",
        lambda a, x, _, scales: ((_last(x), [int(n * s) for n, s in zip(x.shape[2:], _numbers(scales)[2:])]), {}),
        _first,
    ),
    "ReverseSequence": Call(
        "tensorflow.reverse_sequence",
        lambda a, x, lengths: ((x, lengths), {"seq_axis": a["time_axis"], "batch_axis": a["batch_axis"]}),
    ),
    "ScatterElements": Call(
        "tensorflow.tensor_scatter_nd_update",
        lambda _, x, places, values: ((tf.transpose(x), tf.transpose(places), tf.transpose(values)), {}),
        lambda result, *_: tf.transpose(result),
    ),
    "ScatterND": Call("tensorflow.tensor_scatter_nd_update"),
    "Selu": Call("tensorflow.nn.selu"),
    "Shape": Call("tensorflow.shape"),
    "Size": Call("tensorflow.size"),
    "Slice": Call("tensorflow.strided_slice", _sliced),
    "Softmax": Call("tensorflow.nn.softmax", named(axis="axis")),
    "SoftmaxCrossEntropyLoss": Call(
        "tensorflow.nn.sparse_softmax_cross_entropy_with_logits", lambda a, x, t: ((t, x), {})
    ),
    "Softsign": Call("tensorflow.nn.softsign"),
    "Split": Call("tensorflow.split", lambda a, x: ((x, a["outputs"], a["axis"]), {})),
    "Squeeze": Call("tensorflow.squeeze", lambda a, x, axes: ((x, _numbers(axes)), {})),
    "Sum": Call("tensorflow.math.add_n", lambda a, *x: ((list(x),), {})),
    "Tile": Call("tensorflow.tile"),
    "TopK": Call("tensorflow.math.top_k", lambda a, x, k: ((x, int(k[0])), {}), lambda result, *_: list(result)),
    "Transpose": Call("tensorflow.transpose", named(perm="perm")),
    # Neither sorted nor with the places where values come first.
    "Unique": Call("tensorflow.unique_with_counts", take=lambda result, *_: list(result), near=True),
    "Unsqueeze": Call("tensorflow.expand_dims", lambda a, x, axes: ((x, int(axes[0])), {})),
    "Where": Call("tensorflow.where"),
}


class _Table(OperatorTable):
    def __init__(self, device: str) -> None:
        super().__init__(
            CALLS,
            places={
                "tf": tf,
                "tf.math": tf.math,
                "tf.nn": tf.nn,
                "tf.linalg": tf.linalg,
                "tf.image": tf.image,
                "tf.bitwise": tf.bitwise,
                "tf.quantization": tf.quantization,
                "tf.raw_ops": tf.raw_ops,
            },
            native=lambda _, value: tf.constant(value),
            result=lambda value: tf.cast(value, tf.float32),
            others={"Shrink": ("QuantizeDownAndShrinkRange", "SdcaShrinkL1")},
        )
        self._device = device

    def compute(self, operator: str, inputs: Any, attributes: Attributes) -> Any:
        with scope(self._device):
            return super().compute(operator, inputs, attributes)


def piece(name: str, device: str) -> OperatorTable:
    """The piece "operators"."""
    return _Table(device)
