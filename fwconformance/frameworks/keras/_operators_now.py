# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""The operators of ONNX, each by one function of `keras.ops` or one layer."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np

from fwconformance.frameworks._operators import Call, named, of_type, unpooled_shape
from fwconformance.frameworks.keras._native import keras, ops
from fwconformance.frameworks.keras._operators_layers import cells, given, layer_of

Attributes = Mapping[str, Any]


def _stacked(a: Attributes, *x: Any) -> Any:
    """Several tensors as one, along a new first axis that the function takes away."""
    return (ops.stack(x, axis=0),), {"axis": 0}


def _reduced(a: Attributes, x: Any) -> Any:
    return (x,), {"axis": tuple(a["axes"]), "keepdims": True}


def _numbers(x: Any) -> list[int]:
    return [int(one) for one in np.ravel(ops.convert_to_numpy(x))]


def _number(x: Any) -> float:
    return float(np.ravel(ops.convert_to_numpy(x))[0])


def _last(x: Any) -> Any:
    return ops.transpose(x, (0, 2, 3, 1))


def _first(result: Any, *_: Any) -> Any:
    """Channels from the last axis to the second."""
    return ops.transpose(result, (0, 3, 1, 2))


def _pooled(a: Attributes, x: Any) -> Any:
    return (_last(x), tuple(a["kernel_shape"])), {"strides": 1, "padding": "same", "data_format": "channels_last"}


def _convolved(a: Attributes, x: Any, w: Any) -> Any:
    # Its padding on both sides is that of "same" in the test.
    window = {"strides": tuple(a["strides"]), "padding": "same", "data_format": "channels_last"}
    return (_last(x), ops.transpose(w, (2, 3, 1, 0))), window


def _padding(a: Attributes, x: Any, pads: Any, value: Any) -> Any:
    before, after = np.split(np.array(_numbers(pads)), 2)
    width = tuple((int(one), int(two)) for one, two in zip(before, after))
    return (x, width), {"constant_values": _number(value)}


def _sliced(a: Attributes, x: Any, starts: Any, ends: Any, axes: Any, steps: Any) -> Any:
    start, size = [0] * len(x.shape), list(x.shape)
    for axis, first, last in zip(_numbers(axes), _numbers(starts), _numbers(ends)):
        start[axis], size[axis] = first, last - first
    return (x, start, size), {}


def _rows(a: Attributes, x: Any) -> Any:
    """Each channel a row, whose mean and variance are those of the layer normalisation."""
    return (ops.reshape(ops.transpose(x, (1, 0, 2, 3)), (x.shape[1], -1)),), {"axis": -1, "epsilon": 1e-9}


def _as_images(rows: Any, a: Attributes, x: Any) -> Any:
    batch, channels, height, width = x.shape
    return ops.transpose(ops.reshape(rows, (channels, batch, height, width)), (1, 0, 2, 3))


def _unpooled(a: Attributes, x: Any, places: Any) -> Any:
    """Into zeros, in one row, as the places are counted."""
    size = int(np.prod(unpooled_shape(a, x)))
    return (ops.reshape(places, (-1, 1)), ops.reshape(x, (-1,)), (size,)), {}


def _hot(_: Attributes, x: Any, depth: Any, values: Any) -> Any:
    """One place of each row, of a tensor that is elsewhere the other value."""
    off, on = (float(one) for one in ops.convert_to_numpy(values))
    places = np.stack([np.arange(len(x)), _numbers(x)], axis=1)
    return (ops.full((len(x), int(_number(depth))), off), places, np.full(len(x), on, "float32")), {}


#: Functions of keras.ops that take the standard's inputs as they are.
_PLAIN = {
    "abs": "Abs", "add": "Add", "arccos": "Acos", "arccosh": "Acosh", "arcsin": "Asin", "arcsinh": "Asinh",
    "arctan": "Atan", "arctanh": "Atanh", "ceil": "Ceil", "copy": "Identity", "cos": "Cos", "cosh": "Cosh",
    "det": "Det", "divide": "Div", "equal": "Equal", "erf": "Erf", "exp": "Exp", "floor": "Floor",
    "greater": "Greater", "greater_equal": "GreaterOrEqual", "isinf": "IsInf", "isnan": "IsNaN", "less": "Less",
    "less_equal": "LessOrEqual", "log": "Log", "logical_and": "And", "logical_not": "Not", "logical_or": "Or",
    "logical_xor": "Xor", "matmul": "MatMul", "multiply": "Mul", "negative": "Neg", "power": "Pow",
    "reciprocal": "Reciprocal", "relu": "Relu", "round": "Round", "scatter_update": "ScatterND", "selu": "Selu",
    "sigmoid": "Sigmoid", "sign": "Sign", "sin": "Sin", "sinh": "Sinh", "softplus": "Softplus",
    "softsign": "Softsign", "sqrt": "Sqrt", "subtract": "Sub", "tan": "Tan", "tanh": "Tanh", "where": "Where",
}  # fmt: skip

PLACES: Mapping[str, Any] = {
    "keras.ops": ops,
    "keras.ops.image": ops.image,
    "keras.ops.linalg": ops.linalg,
    "keras.ops.nn": ops.nn,
    "keras.layers": keras.layers,
    "keras.losses": keras.losses,
    "keras.quantizers": keras.quantizers,
}

CALLS: Mapping[str, Call] = {
    **{operator: Call(f"keras.ops.{name}") for name, operator in _PLAIN.items()},
    "ArgMax": Call("keras.ops.argmax", lambda a, x: ((x,), {"axis": a["axis"], "keepdims": True})),
    "ArgMin": Call("keras.ops.argmin", lambda a, x: ((x,), {"axis": a["axis"], "keepdims": True})),
    "AveragePool": Call("keras.ops.average_pool", _pooled, _first),
    "BatchNormalization": Call(
        "keras.ops.batch_normalization",
        lambda a, x, scale, shift, mean, variance: (
            (_last(x), mean, variance),
            {"axis": -1, "offset": shift, "scale": scale, "epsilon": a["epsilon"]},
        ),
        _first,
    ),
    "BitShift": Call(
        "keras.ops.bitwise_left_shift", lambda a, x, by: ((ops.cast(x, "uint8"), ops.cast(by, "uint8")), {})
    ),
    # On JAX there are no doubles, unless JAX itself is told to have them.
    "Cast": Call(
        "keras.ops.cast",
        lambda _, x: ((x, "float64"), {}),
        of_type("float64"),
        near=keras.backend.backend() == "jax",
    ),
    "Celu": Call("keras.ops.celu", named(alpha="alpha")),
    "Clip": Call("keras.ops.clip"),
    "Concat": Call("keras.ops.concatenate", lambda a, *x: ((x,), {"axis": a["axis"]})),
    "ConstantOfShape": Call("keras.ops.full", lambda a, shape: ((tuple(_numbers(shape)), a["value"][0]), {})),
    "Conv": Call("keras.ops.conv", _convolved, _first),
    # It cuts nothing off.
    "ConvTranspose": Call(
        "keras.ops.conv_transpose",
        lambda a, x, w: (
            (_last(x), ops.transpose(w, (2, 3, 1, 0))),
            {"strides": tuple(a["strides"]), "padding": "valid", "data_format": "channels_last"},
        ),
        _first,
        near=True,
    ),
    "CumSum": Call("keras.ops.cumsum", lambda a, x, axis: ((x,), {"axis": int(_number(axis))})),
    "DepthToSpace": Call(
        "keras.ops.depth_to_space", lambda a, x: ((_last(x), a["blocksize"]), {"data_format": "channels_last"}), _first
    ),
    "DequantizeLinear": Call(
        "keras.layers.Rescaling",
        lambda _, x, scale, zero: ((_number(scale), -_number(scale) * _number(zero)), {}),
        lambda layer, _, x, *__: layer(x),
    ),
    "Dropout": Call("keras.layers.Dropout", lambda *_: ((0.5,), {}), lambda layer, a, x: layer(x, training=False)),
    "Einsum": Call("keras.ops.einsum", lambda a, *x: ((a["equation"].replace(" ", ""), *x), {})),
    "Elu": Call("keras.ops.elu", named(alpha="alpha")),
    "Expand": Call(
        "keras.ops.broadcast_to",
        lambda a, x, shape: ((x, np.broadcast(np.empty(x.shape), np.empty(_numbers(shape))).shape), {}),
    ),
    "EyeLike": Call("keras.ops.eye", lambda a, x: (tuple(x.shape), {})),
    "Flatten": Call("keras.layers.Flatten", lambda *_: ((), {}), lambda layer, a, x: layer(x)),
    "GRU": Call("keras.layers.GRU", layer_of(reset_after=False), cells((0, 1, 2), 3, 1)),
    "Gather": Call("keras.ops.take", lambda a, x, places: ((x, places), {"axis": a["axis"]})),
    "GatherElements": Call("keras.ops.take_along_axis", lambda a, x, places: ((x, places), {"axis": a["axis"]})),
    "GlobalAveragePool": Call(
        "keras.layers.GlobalAveragePooling2D",
        lambda *_: ((), {"data_format": "channels_first", "keepdims": True}),
        lambda layer, a, x: layer(x),
    ),
    "GlobalMaxPool": Call(
        "keras.layers.GlobalMaxPooling2D",
        lambda *_: ((), {"data_format": "channels_first", "keepdims": True}),
        lambda layer, a, x: layer(x),
    ),
    # Slope and offset cannot be chosen.
    "HardSigmoid": Call("keras.ops.hard_sigmoid", near=True),
    "InstanceNormalization": Call(
        "keras.layers.GroupNormalization",
        lambda a, *_: ((), {"groups": -1, "axis": 1, "epsilon": a["epsilon"]}),
        given(lambda scale, shift: (scale, shift)),
    ),
    "LSTM": Call("keras.layers.LSTM", layer_of(unit_forget_bias=False), cells((0, 2, 3, 1), 4, 1)),
    "LeakyRelu": Call("keras.ops.leaky_relu", named(negative_slope="alpha")),
    "LogSoftmax": Call("keras.ops.log_softmax", named(axis="axis")),
    "Max": Call("keras.ops.max", _stacked),
    "MaxPool": Call("keras.ops.max_pool", _pooled, _first),
    "Mean": Call("keras.ops.mean", _stacked),
    "MeanVarianceNormalization": Call("keras.ops.layer_normalization", _rows, _as_images),
    "Min": Call("keras.ops.min", _stacked),
    "MaxUnpool": Call("keras.ops.scatter", _unpooled, lambda y, a, x, *_: ops.reshape(y, unpooled_shape(a, x))),
    "Mod": Call("keras.ops.fmod"),
    "NonZero": Call("keras.ops.nonzero", take=lambda found, *_: ops.stack(found, axis=0)),
    "OneHot": Call("keras.ops.scatter_update", _hot),
    "PRelu": Call(
        "keras.layers.PReLU",
        lambda *_: ((), {"shared_axes": [1]}),
        given(lambda slope: (ops.expand_dims(slope, 0),)),
    ),
    "Pad": Call("keras.ops.pad", _padding),
    # By the largest value, to bytes with a sign.
    "QuantizeLinear": Call(
        "keras.quantizers.abs_max_quantize",
        lambda _, x, scale, zero: ((x,), {"axis": -1}),
        lambda result, *_: result[0],
        near=True,
    ),
    "RNN": Call("keras.layers.SimpleRNN", layer_of(), cells((0,), 1, 1)),
    "Range": Call("keras.ops.arange", lambda a, *ends: ([_number(one) for one in ends], {})),
    "ReduceL1": Call("keras.ops.norm", lambda a, x: ((x,), {"ord": 1, "axis": a["axes"][0], "keepdims": True})),
    "ReduceL2": Call("keras.ops.norm", lambda a, x: ((x,), {"ord": 2, "axis": a["axes"][0], "keepdims": True})),
    "ReduceLogSum": Call("keras.ops.logsumexp", lambda a, x: ((x,), {"keepdims": True}), near=True),
    "ReduceLogSumExp": Call("keras.ops.logsumexp", _reduced),
    "ReduceMax": Call("keras.ops.max", _reduced),
    "ReduceMean": Call("keras.ops.mean", _reduced),
    "ReduceMin": Call("keras.ops.min", _reduced),
    "ReduceProd": Call("keras.ops.prod", _reduced),
    "ReduceSum": Call("keras.ops.sum", lambda a, x, axes: ((x,), {"axis": tuple(_numbers(axes)), "keepdims": True})),
    "ReduceSumSquare": Call(
        "keras.ops.einsum",
        lambda _, x: (("ijk,ijk->ik", x, x), {}),
        lambda result, a, _: ops.expand_dims(result, a["axes"][0]),
    ),
    "Reshape": Call("keras.ops.reshape", lambda a, x, shape: ((x, tuple(_numbers(shape))), {})),
    "Resize": Call(
        "keras.ops.image.resize",
        lambda a, x, _, scales: (
            (_last(x), tuple(n * s for n, s in zip(x.shape[2:], _numbers(scales)[2:]))),
            {"data_format": "channels_last"},
        ),
        _first,
    ),
    "ScatterElements": Call(
        "keras.ops.scatter_update",
        lambda _, x, places, values: ((ops.transpose(x), ops.transpose(places), ops.transpose(values)), {}),
        lambda result, *_: ops.transpose(result),
    ),
    "Shape": Call("keras.ops.shape", take=lambda shape, *_: ops.convert_to_tensor(list(shape))),
    "Shrink": Call("keras.ops.soft_shrink", named(threshold="lambd")),
    "Size": Call("keras.ops.size", take=lambda size, *_: ops.convert_to_tensor(size)),
    "Slice": Call("keras.ops.slice", _sliced),
    "Softmax": Call("keras.ops.softmax", named(axis="axis")),
    "SoftmaxCrossEntropyLoss": Call(
        "keras.ops.sparse_categorical_crossentropy", lambda a, x, t: ((t, x), {"from_logits": True})
    ),
    "Split": Call("keras.ops.split", lambda a, x: ((x, a["outputs"]), {"axis": a["axis"]})),
    "Squeeze": Call("keras.ops.squeeze", lambda a, x, axes: ((x,), {"axis": _numbers(axes)[0]})),
    "Sum": Call("keras.ops.sum", _stacked),
    "ThresholdedRelu": Call("keras.ops.threshold", lambda a, x: ((x, a["alpha"], 0.0), {})),
    "Tile": Call("keras.ops.tile", lambda a, x, times: ((x, tuple(_numbers(times))), {})),
    "TopK": Call("keras.ops.top_k", lambda a, x, k: ((x, _numbers(k)[0]), {}), lambda result, *_: list(result)),
    "Transpose": Call("keras.ops.transpose", named(axes="perm")),
    "Unique": Call(
        "keras.ops.unique",
        lambda _, x: ((x,), {"return_index": True, "return_inverse": True, "return_counts": True}),
        lambda result, *_: list(result),
    ),
    "Unsqueeze": Call("keras.ops.expand_dims", lambda a, x, axes: ((x, _numbers(axes)[0]), {})),
}
