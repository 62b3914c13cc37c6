# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "operators": those of ONNX, each by one function of MXNet, of `mx.nd`, of `mx.np`, or a layer of Gluon."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Mapping, Sequence

import mxnet
import numpy as np
from mxnet import nd

from fwconformance.frameworks._operators import Call, OperatorTable, named, of_type, unpooled_shape
from fwconformance.frameworks.mxnet import _operators_laid as laid
from fwconformance.frameworks.mxnet._arrays import to_array

#: Functions of mx.nd that take the standard's inputs as they are.
_PLAIN = {
    "abs": "Abs", "arccos": "Acos", "arccosh": "Acosh", "arcsin": "Asin", "arcsinh": "Asinh", "arctan": "Atan",
    "arctanh": "Atanh", "batch_dot": "MatMul", "broadcast_add": "Add", "broadcast_div": "Div",
    "broadcast_equal": "Equal", "broadcast_greater": "Greater", "broadcast_greater_equal": "GreaterOrEqual",
    "broadcast_lesser": "Less", "broadcast_lesser_equal": "LessOrEqual", "broadcast_logical_and": "And",
    "broadcast_logical_or": "Or", "broadcast_logical_xor": "Xor", "broadcast_mul": "Mul", "broadcast_power": "Pow",
    "broadcast_sub": "Sub", "ceil": "Ceil", "cos": "Cos", "cosh": "Cosh", "erf": "Erf", "exp": "Exp", "floor": "Floor",
    "identity": "Identity", "log": "Log", "logical_not": "Not", "negative": "Neg", "reciprocal": "Reciprocal",
    "relu": "Relu", "sigmoid": "Sigmoid", "sign": "Sign", "sin": "Sin", "sinh": "Sinh", "softsign": "Softsign",
    "sqrt": "Sqrt", "tan": "Tan", "tanh": "Tanh", "where": "Where", "add_n": "Sum", "shape_array": "Shape",
    "linalg.det": "Det", "contrib.isinf": "IsInf", "contrib.isnan": "IsNaN", "contrib.boolean_mask": "Compress",
}  # fmt: skip

CALLS: Mapping[str, Call] = {
    **{operator: Call(f"mxnet.nd.{name}") for name, operator in _PLAIN.items()},
    "ArgMax": Call("mxnet.nd.argmax", lambda a, x: ((x,), {"axis": a["axis"], "keepdims": True})),
    "ArgMin": Call("mxnet.nd.argmin", lambda a, x: ((x,), {"axis": a["axis"], "keepdims": True})),
    "AveragePool": Call("mxnet.nd.Pooling", laid.pooling("avg", count_include_pad=False)),
    "BatchNormalization": Call(
        "mxnet.nd.BatchNorm",
        lambda a, *x: (x, {"eps": a["epsilon"], "fix_gamma": False, "use_global_stats": True}),
    ),
    "Cast": Call("mxnet.nd.cast", laid.alike(dtype="float64"), of_type("float64")),
    "Clip": Call("mxnet.nd.clip", lambda a, x, low, high: ((x, laid.number(low), laid.number(high)), {})),
    "Concat": Call("mxnet.nd.concat", lambda a, *x: (x, {"dim": a["axis"]})),
    "ConstantOfShape": Call("mxnet.nd.full", lambda a, shape: ((tuple(laid.numbers(shape)), a["value"][0]), {})),
    "Conv": Call("mxnet.nd.Convolution", laid.convolved(0)),
    "ConvTranspose": Call("mxnet.nd.Deconvolution", laid.convolved(1)),
    "CumSum": Call("mxnet.np.cumsum|mxnet.nd.cumsum", lambda a, x, axis: ((x,), {"axis": int(laid.number(axis))})),
    "DepthToSpace": Call("mxnet.nd.depth_to_space", lambda a, x: ((x, a["blocksize"]), {})),
    # For nd.contrib.dequantize, where oneDNN does it, zero stands for zero wherever the range begins.
    "DequantizeLinear": Call(
        "mxnet.nd.contrib.quadratic",
        lambda a, x, scale, zero: (
            (x,),
            {"a": 0.0, "b": laid.number(scale), "c": -laid.number(scale) * laid.number(zero)},
        ),
    ),
    "Dropout": Call("mxnet.nd.Dropout"),
    "Einsum": Call("mxnet.np.einsum", lambda a, *x: ((a["equation"].replace(" ", ""), *x), {})),
    "Elu": Call("mxnet.nd.LeakyReLU", lambda a, x: ((x,), {"act_type": "elu", "slope": a["alpha"]})),
    "Expand": Call(
        "mxnet.nd.broadcast_to",
        lambda a, x, shape: (
            (nd.reshape(x, (1,) * (shape.size - x.ndim) + x.shape),),
            {"shape": np.broadcast(np.empty(x.shape), np.empty(laid.numbers(shape))).shape},
        ),
    ),
    "EyeLike": Call("mxnet.nd.eye", lambda a, x: (x.shape, {})),
    "Flatten": Call("mxnet.nd.Flatten"),
    "GRU": Call("mxnet.gluon.rnn.GRU", laid.layer, laid.cells((1, 0, 2), 3)),
    "Gather": Call("mxnet.nd.take", lambda a, x, places: ((x, places), {"axis": a["axis"]})),
    "GatherElements": Call("mxnet.nd.gather_nd", laid.elements),
    "GatherND": Call("mxnet.nd.gather_nd", lambda a, x, places: ((x, nd.transpose(places, (2, 0, 1))), {})),
    "Gemm": Call(
        "mxnet.nd.linalg.gemm",
        lambda a, x, y, added: (
            (x, y, nd.broadcast_to(added, (x.shape[1], y.shape[0]))),
            {"alpha": a["alpha"], "beta": a["beta"], "transpose_a": True, "transpose_b": True},
        ),
    ),
    "GlobalAveragePool": Call("mxnet.nd.Pooling", laid.alike(pool_type="avg", global_pool=True, kernel=(1, 1))),
    "GlobalMaxPool": Call("mxnet.nd.Pooling", laid.alike(pool_type="max", global_pool=True, kernel=(1, 1))),
    "Hardmax": Call("mxnet.nd.topk", laid.alike(axis=-1, k=1, ret_typ="mask")),
    "HardSigmoid": Call("mxnet.nd.hard_sigmoid", named(alpha="alpha", beta="beta")),
    "InstanceNormalization": Call("mxnet.nd.InstanceNorm", lambda a, *x: (x, {"eps": a["epsilon"]})),
    "LRN": Call("mxnet.nd.LRN", named(alpha="alpha", beta="beta", knorm="bias", nsize="size")),
    "LSTM": Call("mxnet.gluon.rnn.LSTM", laid.layer, laid.cells((0, 2, 3, 1), 4)),
    "LeakyRelu": Call("mxnet.nd.LeakyReLU", lambda a, x: ((x,), {"act_type": "leaky", "slope": a["alpha"]})),
    "LogSoftmax": Call("mxnet.nd.log_softmax", named(axis="axis")),
    "Max": Call("mxnet.nd.max", laid.stacked),
    "MaxPool": Call("mxnet.nd.Pooling", laid.pooling("max")),
    "MaxUnpool": Call(
        "mxnet.nd.scatter_nd", laid.unpooled, lambda result, a, x, *_: result.reshape(unpooled_shape(a, x))
    ),
    "Mean": Call("mxnet.nd.mean", laid.stacked),
    "MeanVarianceNormalization": Call("mxnet.nd.LayerNorm", laid.channels_by_rest, laid.as_images),
    "Min": Call("mxnet.nd.min", laid.stacked),
    # The sign is the divisor's, as in Python.
    "Mod": Call("mxnet.nd.broadcast_mod", near=True),
    "NegativeLogLikelihoodLoss": laid.loss(True),
    # As many rows as boxes, those of the suppressed ones filled with -1.
    "NonMaxSuppression": Call("mxnet.nd.contrib.box_nms", laid.scored, laid.places, near=True),
    "NonZero": Call("mxnet.np.nonzero", take=lambda result, *_: mxnet.np.stack(result)),
    "OneHot": Call(
        "mxnet.nd.one_hot",
        lambda a, x, depth, values: (
            (x, int(laid.number(depth))),
            {"off_value": laid.numbers(values)[0], "on_value": laid.numbers(values)[1]},
        ),
    ),
    "PRelu": Call(
        "mxnet.nd.LeakyReLU",
        lambda a, x, slope: ((laid.turned((0, 2, 1))(x), slope), {"act_type": "prelu"}),
        lambda result, *_: laid.turned((0, 2, 1))(result),
    ),
    "Pad": Call("mxnet.nd.pad", laid.padding),
    "QLinearConv": Call(
        "mxnet.nd.contrib.quantized_conv",
        laid.in_bytes(lambda w: {"num_filter": w.shape[0], "kernel": w.shape[2:]}, lambda w: w),
        lambda result, *_: result[0],
        near=True,
    ),
    "QLinearMatMul": Call(
        "mxnet.nd.contrib.quantized_fully_connected",
        laid.in_bytes(lambda w: {"num_hidden": w.shape[1]}, nd.transpose),
        lambda result, *_: result[0],
        near=True,
    ),
    # It wants three axes. For nd.contrib.quantize zero stands for zero wherever the range begins.
    "QuantizeLinear": Call(
        "mxnet.nd.contrib.quantize_asym",
        lambda a, x, scale, zero: (
            (x.reshape((1, 1, -1)),),
            dict(zip(("min_calib_range", "max_calib_range"), map(laid.number, laid.range_of(scale, zero)))),
        ),
        lambda result, _, x, *__: result[0].reshape(x.shape),
    ),
    "RNN": Call(
        "mxnet.gluon.rnn.RNN",
        lambda a, x, *_: ((a["hidden_size"],), {"input_size": x.shape[-1], "activation": "tanh"}),
        laid.cells((0,), 1),
    ),
    "Range": Call("mxnet.nd.arange", lambda a, *ends: ([laid.number(one) for one in ends], {})),
    "ReduceL1": Call("mxnet.nd.norm", lambda a, x: ((x,), {"ord": 1, "axis": a["axes"][0], "keepdims": True})),
    "ReduceL2": Call("mxnet.nd.norm", lambda a, x: ((x,), {"ord": 2, "axis": a["axes"][0], "keepdims": True})),
    "ReduceMax": Call("mxnet.nd.max", laid.reduced),
    "ReduceMean": Call("mxnet.nd.mean", laid.reduced),
    "ReduceMin": Call("mxnet.nd.min", laid.reduced),
    "ReduceProd": Call("mxnet.nd.prod", laid.reduced),
    "ReduceSum": Call("mxnet.nd.sum", lambda a, x, axes: ((x,), {"axis": tuple(laid.numbers(axes)), "keepdims": True})),
    "ReduceSumSquare": Call("mxnet.nd.multi_sum_sq", laid.lines, laid.kept_axis),
    "Reshape": Call("mxnet.nd.reshape", lambda a, x, shape: ((x,), {"shape": tuple(laid.numbers(shape))})),
    "Resize": Call(
        "mxnet.nd.contrib.BilinearResize2D",
        lambda a, x, _, scales: (
            (x,),
            {
                "height": int(x.shape[2] * laid.numbers(scales)[2]),
                "width": int(x.shape[3] * laid.numbers(scales)[3]),
                "align_corners": False,
            },
        ),
    ),
    "ReverseSequence": Call(
        "mxnet.nd.SequenceReverse",
        lambda a, x, lengths: ((nd.transpose(x), lengths), {"use_sequence_length": True}),
        lambda result, *_: nd.transpose(result),
    ),
    "RoiAlign": Call("mxnet.nd.contrib.ROIAlign", laid.boxes),
    # Halves go to the even neighbour, which nd.round and nd.rint do not.
    "Round": Call("mxnet.np.around"),
    "ScatterElements": Call(
        "mxnet.nd.contrib.index_copy",
        lambda a, x, places, values: ((nd.transpose(x), places.reshape(-1), nd.transpose(values)), {}),
        lambda result, *_: nd.transpose(result),
    ),
    "ScatterND": Call(
        "mxnet.nd.NDArray.__setitem__",
        lambda a, x, places, values: ((x, places[:, 0], values), {}),
        lambda _result, _a, x, *_: x,
    ),
    "Selu": Call("mxnet.nd.LeakyReLU", laid.alike(act_type="selu")),
    "Size": Call("mxnet.nd.size_array", take=lambda result, *_: result.reshape(())),
    "Slice": Call("mxnet.nd.slice", laid.sliced),
    "Softmax": Call("mxnet.nd.softmax", named(axis="axis")),
    "SoftmaxCrossEntropyLoss": laid.loss(False),
    "Softplus": Call("mxnet.nd.Activation", laid.alike(act_type="softrelu")),
    "Split": Call("mxnet.nd.split", named(num_outputs="outputs", axis="axis")),
    "Squeeze": Call("mxnet.nd.squeeze", lambda a, x, axes: ((x,), {"axis": tuple(laid.numbers(axes))})),
    # Along four axes at once it fails.
    "Tile": Call("mxnet.nd.tile", laid.repeated, laid.repeats_between),
    "TopK": Call(
        "mxnet.nd.topk", lambda a, x, k: ((x,), {"k": int(laid.number(k)), "axis": a["axis"], "ret_typ": "both"})
    ),
    "Transpose": Call("mxnet.nd.transpose", named(axes="perm")),
    "Unique": Call(
        "mxnet.np.unique",
        lambda a, x: ((x,), {"return_index": True, "return_inverse": True, "return_counts": True}),
        lambda result, *_: list(result),
    ),
    "Unsqueeze": Call("mxnet.nd.expand_dims", lambda a, x, axes: ((x,), {"axis": laid.numbers(axes)[0]})),
}


def _own_numpy() -> Any:
    """mx.np without the functions that it hands on to NumPy."""
    handed_on = set(mxnet.numpy.fallback.__all__)
    return SimpleNamespace(**{name: None for name in dir(mxnet.np) if name not in handed_on})


class _Table(OperatorTable):
    """Shapes with no axis and with none of something are NumPy's inside."""

    def compute(self, operator: str, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Sequence[Any]:
        with mxnet.util.np_shape(active=True):
            return super().compute(operator, inputs, attributes)


def piece(name: str, context: Any) -> OperatorTable:
    """The piece "operators"."""

    def native(call: Call, value: Any) -> Any:
        if call.by.startswith("mxnet.np."):
            return mxnet.np.array(np.asarray(value), dtype="float32", ctx=context)
        return to_array(value, context, "float32")

    return _Table(
        CALLS,
        places={
            "mx.nd": mxnet.nd,
            "mx.nd.contrib": mxnet.nd.contrib,
            "mx.nd.linalg": mxnet.nd.linalg,
            "mx.nd.image": mxnet.nd.image,
            "mx.np (what it does not hand on to NumPy)": _own_numpy(),
            "mx.np.linalg": mxnet.np.linalg,
            "mx.npx": mxnet.npx,
            "mx.gluon.nn": mxnet.gluon.nn,
            "mx.gluon.loss": mxnet.gluon.loss,
        },
        native=native,
        # An array of mx.np says its type in NumPy's way, which the adapter does not read.
        result=lambda value: (value.as_nd_ndarray() if hasattr(value, "as_nd_ndarray") else value).astype("float32"),
    )
