# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""The operators of ONNX, each by one function of `keras.backend` or one layer: before Keras 3 and its `keras.ops`."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np
import tensorflow as tf

from fwconformance.frameworks._operators import Call, named, of_type
from fwconformance.frameworks.keras._native import keras
from fwconformance.frameworks.keras._operators_layers import cells, given, layer_of

Attributes = Mapping[str, Any]
K, L = "tensorflow.keras.backend", "tensorflow.keras.layers"

PLACES = {
    "keras.backend": keras.backend,
    "keras.activations": keras.activations,
    "keras.layers": keras.layers,
    "keras.losses": keras.losses,
}


def _numbers(x: Any) -> list[int]:
    return [int(one) for one in np.ravel(x.numpy())]


def _number(x: Any) -> float:
    return float(np.ravel(x.numpy())[0])


def _last(x: Any) -> Any:
    return tf.transpose(x, (0, 2, 3, 1))


def _first(result: Any, *_: Any) -> Any:
    """Channels from the last axis to the second."""
    return tf.transpose(result, (0, 3, 1, 2))


def _merged(name: str) -> Call:
    """Layers that merge want a first axis of examples."""
    return Call(f"{L}.{name}", lambda _, *x: (([tf.expand_dims(one, 0) for one in x],), {}), lambda y, *_: y[0])


def _pooled(mode: str) -> Call:
    def give(a: Attributes, x: Any) -> Any:
        # Its padding on both sides is that of "same" in the test.
        window = {"strides": (1, 1), "padding": "same", "data_format": "channels_last", "pool_mode": mode}
        return (_last(x), tuple(a["kernel_shape"])), window

    return Call(f"{K}.pool2d", give, _first)


def _over_all(name: str) -> Call:
    return Call(
        f"{L}.{name}",
        lambda *_: ((), {"data_format": "channels_first"}),
        lambda layer, _, x: layer(x)[:, :, None, None],
    )


def _convolved(a: Attributes, x: Any, w: Any) -> Any:
    window = {"strides": tuple(a["strides"]), "padding": "same", "data_format": "channels_last"}
    return (_last(x), tf.transpose(w, (2, 3, 1, 0))), window


def _uncut(a: Attributes, x: Any, w: Any) -> tuple[int, ...]:
    """The size of a transposed convolution's output, padding included."""
    sides = [a["strides"][axis] * (x.shape[2 + axis] - 1) + w.shape[2 + axis] for axis in (0, 1)]
    return (x.shape[0], *sides, w.shape[1])


def _reduced(name: str) -> Call:
    def give(a: Attributes, x: Any, *axes: Any) -> Any:
        return (x,), {"axis": (_numbers(axes[0]) if axes else list(a["axes"])), "keepdims": True}

    return Call(f"{K}.{name}", give)


def _found(name: str) -> Call:
    return Call(
        f"{K}.{name}", lambda a, x: ((x,), {"axis": a["axis"]}), lambda places, a, _: tf.expand_dims(places, a["axis"])
    )


def _moved(x: Any, axis: int, to: int) -> Any:
    axes = [each for each in range(len(x.shape)) if each != axis]
    axes.insert(to, axis)
    return tf.transpose(x, axes)


def _cropped(_: Attributes, x: Any, starts: Any, ends: Any, axes: Any, steps: Any) -> Any:
    """The first axis, of which alone something is cut in the test, as steps."""
    last = dict(zip(_numbers(axes), _numbers(ends)))[0]
    return ((_numbers(starts)[0], x.shape[0] - last),), {}


def _normalised(_: Attributes, x: Any) -> Any:
    channels = x.shape[1]
    return (_last(x), tf.ones(channels), tf.zeros(channels), [0, 1, 2]), {"epsilon": 1e-9}


#: Functions of the backend's module that take the standard's inputs as they are.
_PLAIN = {
    "abs": "Abs", "batch_dot": "MatMul", "batch_flatten": "Flatten", "bias_add": "Add", "cos": "Cos", "equal": "Equal",
    "exp": "Exp", "greater": "Greater", "greater_equal": "GreaterOrEqual", "less": "Less",
    "less_equal": "LessOrEqual", "log": "Log", "pow": "Pow", "relu": "Relu", "round": "Round", "shape": "Shape",
    "sigmoid": "Sigmoid", "sign": "Sign", "sin": "Sin", "softplus": "Softplus", "softsign": "Softsign",
    "sqrt": "Sqrt", "switch": "Where", "tanh": "Tanh",
}  # fmt: skip

CALLS: Mapping[str, Call] = {
    **{operator: Call(f"{K}.{name}") for name, operator in _PLAIN.items()},
    # Of truth values the smaller one is their conjunction, the larger one their disjunction.
    "And": Call(f"{K}.minimum", lambda _, *x: ([tf.cast(one, "float32") for one in x], {})),
    "ArgMax": _found("argmax"),
    "ArgMin": _found("argmin"),
    "AveragePool": _pooled("avg"),
    "BatchNormalization": Call(
        f"{K}.batch_normalization",
        lambda a, x, scale, shift, mean, variance: (
            (_last(x), mean, variance, shift, scale),
            {"axis": -1, "epsilon": a["epsilon"]},
        ),
        _first,
    ),
    "Cast": Call(f"{K}.cast", lambda _, x: ((x, "float64"), {}), of_type("float64")),
    "Clip": Call(f"{K}.clip"),
    "Concat": Call(f"{K}.concatenate", lambda a, *x: ((list(x),), {"axis": a["axis"]})),
    "ConstantOfShape": Call(f"{K}.constant", lambda a, shape: ((a["value"][0],), {"shape": _numbers(shape)})),
    "Conv": Call(f"{K}.conv2d", _convolved, _first),
    # It cuts nothing off.
    "ConvTranspose": Call(
        f"{K}.conv2d_transpose",
        lambda a, x, w: (
            (_last(x), tf.transpose(w, (2, 3, 1, 0)), _uncut(a, x, w)),
            {"strides": tuple(a["strides"]), "padding": "valid", "data_format": "channels_last"},
        ),
        _first,
        near=True,
    ),
    "CumSum": Call(f"{K}.cumsum", lambda _, x, axis: ((x,), {"axis": int(_number(axis))})),
    "DequantizeLinear": Call(
        f"{L}.experimental.preprocessing.Rescaling",
        lambda _, x, scale, zero: ((_number(scale), -_number(scale) * _number(zero)), {}),
        lambda layer, _, x, *__: layer(tf.cast(x, "float32")),
    ),
    "Dropout": Call(f"{L}.Dropout", lambda *_: ((0.5,), {}), lambda layer, _, x: layer(x, training=False)),
    "Elu": Call(f"{K}.elu", named(alpha="alpha")),
    "Expand": Call(f"{K}.tile", lambda _, x, shape: ((tf.expand_dims(x, 0), _numbers(shape)), {})),
    "EyeLike": Call(f"{K}.eye", lambda _, x: ((x.shape[0],), {})),
    "GRU": Call(f"{L}.GRU", layer_of(reset_after=False), cells((0, 1, 2), 3, 1)),
    "Gather": Call(
        f"{K}.gather",
        lambda a, x, places: ((_moved(x, a["axis"], 0), places), {}),
        lambda result, a, *_: _moved(result, 0, a["axis"]),
    ),
    "GlobalAveragePool": _over_all("GlobalAveragePooling2D"),
    "GlobalMaxPool": _over_all("GlobalMaxPooling2D"),
    # Slope and offset cannot be chosen.
    "HardSigmoid": Call(f"{K}.hard_sigmoid", near=True),
    "Identity": Call("tensorflow.keras.activations.linear"),
    # Each image's channel a channel of one image.
    "InstanceNormalization": Call(
        f"{K}.normalize_batch_in_training",
        lambda a, x, scale, shift: (
            (
                _last(tf.reshape(x, (1, -1, *x.shape[2:]))),
                tf.tile(scale, x.shape[:1]),
                tf.tile(shift, x.shape[:1]),
                [0, 1, 2],
            ),
            {"epsilon": a["epsilon"]},
        ),
        lambda result, _, x, *__: tf.reshape(_first(result[0]), x.shape),
    ),
    "LSTM": Call(f"{L}.LSTM", layer_of(unit_forget_bias=False), cells((0, 2, 3, 1), 4, 1)),
    "LeakyRelu": Call(f"{K}.relu", named(alpha="alpha")),
    "Max": _merged("maximum"),
    "MaxPool": _pooled("max"),
    "Mean": _merged("average"),
    "MeanVarianceNormalization": Call(
        f"{K}.normalize_batch_in_training", _normalised, lambda result, *_: _first(result[0])
    ),
    "Min": _merged("minimum"),
    "Mul": Call(f"{L}.multiply", lambda _, *x: ((list(x),), {})),
    "Neg": Call(f"{L}.subtract", lambda _, x: (([tf.zeros(x.shape), x],), {})),
    "Not": Call(f"{K}.equal", lambda _, x: ((x, tf.zeros(x.shape, x.dtype)), {})),
    # The two values cannot be chosen.
    "OneHot": Call(f"{K}.one_hot", lambda _, x, depth, __: ((tf.cast(x, "int32"), int(_number(depth))), {}), near=True),
    "Or": Call(f"{K}.maximum", lambda _, *x: ([tf.cast(one, "float32") for one in x], {})),
    "PRelu": Call(
        f"{L}.PReLU", lambda *_: ((), {"shared_axes": [1]}), given(lambda slope: (tf.expand_dims(slope, 0),))
    ),
    # With zeros.
    "Pad": Call(
        f"{K}.spatial_2d_padding",
        lambda _, x, pads, value: ((x, ((1, 2), (3, 4))), {"data_format": "channels_first"}),
        near=True,
    ),
    "RNN": Call(f"{L}.SimpleRNN", layer_of(), cells((0,), 1, 1)),
    "Range": Call(f"{K}.arange", lambda _, *ends: ([_number(one) for one in ends], {})),
    "Reciprocal": Call(f"{K}.pow", lambda _, x: ((x, -1.0), {})),
    "ReduceMax": _reduced("max"),
    "ReduceMean": _reduced("mean"),
    "ReduceMin": _reduced("min"),
    "ReduceProd": _reduced("prod"),
    "ReduceSum": _reduced("sum"),
    "ReduceSumSquare": Call(
        f"{K}.batch_dot",
        lambda a, x: ([tf.reshape(_moved(x, a["axes"][0], 2), (-1, x.shape[a["axes"][0]]))] * 2, {"axes": 1}),
        lambda result, _, x: tf.reshape(result, (x.shape[0], 1, -1)),
    ),
    "Reshape": Call(f"{K}.reshape", lambda _, x, shape: ((x, _numbers(shape)), {})),
    "Resize": Call(
        f"{K}.resize_images",
        lambda _, x, __, scales: ((_last(x), *_numbers(scales)[2:], "channels_last"), {"interpolation": "bilinear"}),
        _first,
    ),
    "Selu": Call("tensorflow.keras.activations.selu"),
    "Slice": Call(f"{L}.Cropping1D", _cropped, lambda layer, _, x, *__: _moved(layer(_moved(x, 0, 1)), 1, 0)),
    "Softmax": Call(f"{K}.softmax", named(axis="axis")),
    "SoftmaxCrossEntropyLoss": Call(
        f"{K}.sparse_categorical_crossentropy", lambda _, x, t: ((t, x), {"from_logits": True})
    ),
    "Squeeze": Call(f"{K}.squeeze", lambda _, x, axes: ((x, _numbers(axes)[0]), {})),
    "Sub": Call(f"{L}.subtract", lambda _, *x: ((list(x),), {})),
    "Sum": _merged("add"),
    "ThresholdedRelu": Call(f"{L}.ThresholdedReLU", lambda a, _: ((a["alpha"],), {}), lambda layer, _, x: layer(x)),
    "Tile": Call(f"{K}.tile", lambda _, x, times: ((x, _numbers(times)), {})),
    "Transpose": Call(f"{K}.permute_dimensions", named(pattern="perm")),
    "Xor": Call(f"{K}.not_equal", lambda _, x, y: ((x, y), {})),
    "Unsqueeze": Call(f"{K}.expand_dims", lambda _, x, axes: ((x, _numbers(axes)[0]), {})),
}
