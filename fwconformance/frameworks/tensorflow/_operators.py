# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Piece "operators": those of ONNX, each by one function of TensorFlow without Keras."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from fwconformance.frameworks._operators import Call, OperatorTable, named
from fwconformance.frameworks.tensorflow._model import scope

Attributes = Mapping[str, Any]
_TO_LAST, _TO_FIRST = (0, 2, 3, 1), (0, 3, 1, 2)


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


def _range_of(scale: Any, zero: Any) -> tuple[float, float]:
    """The least and the largest value that an unsigned byte stands for."""
    step, place = float(np.ravel(scale)[0]), float(np.ravel(zero)[0])
    return -place * step, (255 - place) * step


def _in_bytes(names: tuple[str, str], laid: Callable[[Any, Any], Any], **more: Any) -> Any:
    """Bytes that stand for ranges, and sums that stand for one: another operator turns these into bytes again."""

    def give(_: Attributes, *given: Any) -> Any:
        x, scale, zero, w, weight_scale, weight_zero, *_ = given
        found = dict(more)
        for name, values, span in zip(
            names, laid(x, w), (_range_of(scale, zero), _range_of(weight_scale, weight_zero))
        ):
            found.update(
                {name: tf.bitcast(tf.cast(values, tf.uint8), tf.quint8), f"min_{name}": span[0], f"max_{name}": span[1]}
            )
        return (), found

    return give


def _sums(result: Any, *_: Any) -> Any:
    return [tf.bitcast(result[0], tf.int32), *result[1:]]


def _normalised_bytes(a: Attributes, x: Any, *_: Any) -> Any:
    low, high = float(tf.reduce_min(x)), float(tf.reduce_max(x))
    values = tf.quantization.quantize(_last(x), low, high, tf.quint8).output
    return (), {"x": values, "x_min": low, "x_max": high, "variance_epsilon": a["epsilon"]}


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
    "Cast": Call("tensorflow.cast", lambda a, x: ((x, tf.float64), {})),
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
    "Gather": Call("tensorflow.gather", lambda a, x, places: ((x, places), {"axis": a["axis"]})),
    "GatherElements": Call(
        "tensorflow.gather", lambda a, x, places: ((x, places), {"axis": a["axis"], "batch_dims": a["axis"]})
    ),
    "GatherND": Call("tensorflow.gather_nd"),
    "GlobalAveragePool": Call("tensorflow.reduce_mean", lambda a, x: ((x, (2, 3), True), {})),
    "GlobalMaxPool": Call("tensorflow.reduce_max", lambda a, x: ((x, (2, 3), True), {})),
    "Identity": Call("tensorflow.identity"),
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
    "LeakyRelu": Call("tensorflow.nn.leaky_relu", named(alpha="alpha")),
    "LogSoftmax": Call("tensorflow.nn.log_softmax", named(axis="axis")),
    "MatMul": Call("tensorflow.matmul"),
    "Max": Call("tensorflow.reduce_max", _stacked),
    "MaxPool": Call("tensorflow.nn.max_pool2d", lambda a, x: ((_last(x), a["kernel_shape"], 1, "SAME"), {}), _first),
    "Mean": Call("tensorflow.reduce_mean", _stacked),
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
    "GRU": Call("tensorflow.raw_ops.GRUBlockCell", _block_gru, lambda result, *_: result.h[None]),
    # Of bytes, without scale and shift.
    "InstanceNormalization": Call(
        "tensorflow.raw_ops.QuantizedInstanceNorm",
        _normalised_bytes,
        lambda result, *_: _first(tf.bitcast(result.y, tf.uint8)),
        near=True,
    ),
    "LSTM": Call("tensorflow.raw_ops.BlockLSTMV2|tensorflow.raw_ops.BlockLSTM", _block_lstm, lambda y, *_: y.h[-1:]),
    "QLinearConv": Call(
        "tensorflow.raw_ops.QuantizedConv2D",
        _in_bytes(
            ("input", "filter"),
            lambda x, w: (_last(x), tf.transpose(w, (2, 3, 1, 0))),
            strides=[1, 1, 1, 1],
            padding="SAME",
        ),
        _sums,
        near=True,
    ),
    "QLinearMatMul": Call(
        "tensorflow.raw_ops.QuantizedMatMul", _in_bytes(("a", "b"), lambda x, w: (x, w)), _sums, near=True
    ),
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
