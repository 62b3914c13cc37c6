# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "operators": those of ONNX, each by one function of MXNet, of `mx.nd` or of `mx.np`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Callable, Mapping, Sequence

import mxnet
import numpy as np
from mxnet import nd

from fwconformance.frameworks._operators import Call, OperatorTable, named
from fwconformance.frameworks.mxnet._arrays import quietly, to_array

Attributes = Mapping[str, Any]


def _alike(**fixed: Any) -> Any:
    """The inputs as they are, and arguments that the function is always given."""
    return lambda _, *x: (x, fixed)


def _stacked(a: Attributes, *x: Any) -> Any:
    """Several arrays as one, along a new first axis that the function takes away."""
    return (nd.stack(*x, axis=0),), {"axis": 0}


def _reduced(a: Attributes, x: Any) -> Any:
    return (x,), {"axis": tuple(a["axes"]), "keepdims": True}


def _numbers(x: Any) -> list[int]:
    return [int(one) for one in x.asnumpy().ravel()]


def _number(x: Any) -> float:
    return float(x.asnumpy().ravel()[0])


def _pooling(kind: str, **more: Any) -> Any:
    def give(a: Attributes, x: Any) -> Any:
        window = {"kernel": tuple(a["kernel_shape"]), "pad": tuple(a["pads"][:2]), "stride": (1, 1)}
        return (x,), {**window, "pool_type": kind, **more}

    return give


def _convolved(filters: int) -> Any:
    """`filters`: the axis of the weights that counts them."""

    def give(a: Attributes, x: Any, w: Any) -> Any:
        window = {"kernel": w.shape[2:], "stride": tuple(a["strides"]), "pad": tuple(a["pads"][:2])}
        return (x, w), {**window, "num_filter": w.shape[filters], "no_bias": True}

    return give


def _range_of(scale: Any, zero: Any) -> tuple[Any, Any]:
    """The least and the largest value that an unsigned byte stands for."""
    step, place = _number(scale), _number(zero)
    return nd.array([-place * step]), nd.array([(255 - place) * step])


def _cells(order: Sequence[int], weights: int) -> Any:
    """A layer of one step's sizes; `order`: where MXNet's gates are in the standard."""

    def run(layer: Any, a: Attributes, x: Any, w: Any, r: Any, b: Any) -> Any:
        hidden = a["hidden_size"]

        def gates(values: Any) -> Any:
            split = values.asnumpy().reshape(weights, hidden, -1)
            return split[list(order)].reshape(weights * hidden, -1)

        ours, theirs = np.split(b.asnumpy().ravel(), 2)
        layer.initialize(ctx=x.context)
        with quietly():
            layer.l0_i2h_weight.set_data(nd.array(gates(w)))
            layer.l0_h2h_weight.set_data(nd.array(gates(r)))
            layer.l0_i2h_bias.set_data(nd.array(gates(nd.array(ours))[:, 0]))
            layer.l0_h2h_bias.set_data(nd.array(gates(nd.array(theirs))[:, 0]))
        _, states = layer(x, layer.begin_state(batch_size=x.shape[1], ctx=x.context))
        return states[0]

    return run


def _layer(a: Attributes, x: Any, *_: Any) -> Any:
    return (a["hidden_size"],), {"input_size": x.shape[-1]}


def _padding(a: Attributes, x: Any, pads: Any, value: Any) -> Any:
    before, after = np.split(np.array(_numbers(pads)), 2)
    width = tuple(int(one) for pair in zip(before, after) for one in pair)
    return (x,), {"mode": "constant", "pad_width": width, "constant_value": _number(value)}


def _sliced(a: Attributes, x: Any, starts: Any, ends: Any, axes: Any, steps: Any) -> Any:
    begin: list[int | None] = [None] * x.ndim
    end: list[int | None] = [None] * x.ndim
    for axis, first, last in zip(_numbers(axes), _numbers(starts), _numbers(ends)):
        begin[axis], end[axis] = first, last
    return (x,), {"begin": tuple(begin), "end": tuple(end)}


def _channels_by_rest(a: Attributes, x: Any) -> Any:
    """Each channel a row, whose mean and variance are those of the layer normalisation."""
    rows = nd.reshape(nd.transpose(x, (1, 0, 2, 3)), (x.shape[1], -1))
    return (rows, nd.ones(rows.shape[1]), nd.zeros(rows.shape[1])), {"axis": -1, "eps": 1e-9}


def _as_images(rows: Any, a: Attributes, x: Any) -> Any:
    batch, channels, height, width = x.shape
    return nd.transpose(nd.reshape(rows, (channels, batch, height, width)), (1, 0, 2, 3))


def _boxes(a: Attributes, x: Any, boxes: Any, batch: Any) -> Any:
    rows = nd.concat(nd.expand_dims(batch, 1), boxes, dim=1)
    size = (a["output_height"], a["output_width"])
    return (x, rows), {
        "pooled_size": size, "spatial_scale": a["spatial_scale"], "sample_ratio": a["sampling_ratio"],
    }  # fmt: skip


def _scored(_: Attributes, boxes: Any, scores: Any, most: Any, overlap: Any, least: Any) -> Any:
    """Rows of place, score and corners."""
    columns = [nd.reshape(nd.arange(scores.size), (1, -1, 1)), nd.transpose(scores, (0, 2, 1)), boxes]
    limits = {"overlap_thresh": _number(overlap), "valid_thresh": _number(least)}
    return (nd.concat(*columns, dim=2),), {**limits, "score_index": 1, "coord_start": 2, "force_suppress": True}


def _places_kept(rows: Any, *_: Any) -> Any:
    """Of batch, class and box; rows of what was suppressed hold -1."""
    kept = rows.asnumpy()[0, :, 0]
    return nd.array(np.pad(kept[kept >= 0][:, None], ((0, 0), (2, 0)), mode="constant"))


def _in_bytes(size: Callable[[Any], Mapping[str, Any]], laid: Callable[[Any], Any]) -> Any:
    """Bytes that stand for ranges, and sums that stand for one: nothing turns these into bytes again."""

    def give(_: Attributes, *given: Any) -> Any:
        x, scale, zero, w, weight_scale, weight_zero, *_ = given
        ranges = (*_range_of(scale, zero), *_range_of(weight_scale, weight_zero))
        return (nd.cast(x, "uint8"), nd.cast(laid(w) - 128, "int8"), *ranges), {**size(w), "no_bias": True}

    return give


def _loss(from_logits: bool) -> Call:
    return Call(
        "mxnet.gluon.loss.SoftmaxCrossEntropyLoss",
        lambda *_: ((), {"from_logits": from_logits}),
        lambda block, _, x, t: block(x, t),
    )


def _turned(axes: Sequence[int]) -> Callable[[Any], Any]:
    return lambda x: nd.transpose(x, axes)


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
    "AveragePool": Call("mxnet.nd.Pooling", _pooling("avg", count_include_pad=False)),
    "BatchNormalization": Call(
        "mxnet.nd.BatchNorm",
        lambda a, *x: (x, {"eps": a["epsilon"], "fix_gamma": False, "use_global_stats": True}),
    ),
    "Cast": Call("mxnet.nd.cast", _alike(dtype="float64")),
    "Clip": Call("mxnet.nd.clip", lambda a, x, low, high: ((x, _number(low), _number(high)), {})),
    "Concat": Call("mxnet.nd.concat", lambda a, *x: (x, {"dim": a["axis"]})),
    "ConstantOfShape": Call("mxnet.nd.full", lambda a, shape: ((tuple(_numbers(shape)), a["value"][0]), {})),
    "Conv": Call("mxnet.nd.Convolution", _convolved(0)),
    "ConvTranspose": Call("mxnet.nd.Deconvolution", _convolved(1)),
    "CumSum": Call("mxnet.np.cumsum|mxnet.nd.cumsum", lambda a, x, axis: ((x,), {"axis": int(_number(axis))})),
    "DepthToSpace": Call("mxnet.nd.depth_to_space", lambda a, x: ((x, a["blocksize"]), {})),
    # Zero stands for zero there, wherever the range begins.
    "DequantizeLinear": Call(
        "mxnet.nd.contrib.dequantize",
        lambda a, x, scale, zero: ((nd.cast(x, "uint8"), *_range_of(scale, zero)), {"out_type": "float32"}),
        near=True,
    ),
    "Dropout": Call("mxnet.nd.Dropout"),
    "Einsum": Call("mxnet.np.einsum", lambda a, *x: ((a["equation"].replace(" ", ""), *x), {})),
    "Elu": Call("mxnet.nd.LeakyReLU", lambda a, x: ((x,), {"act_type": "elu", "slope": a["alpha"]})),
    "Expand": Call(
        "mxnet.nd.broadcast_to",
        lambda a, x, shape: (
            (nd.reshape(x, (1,) * (shape.size - x.ndim) + x.shape),),
            {"shape": np.broadcast(np.empty(x.shape), np.empty(_numbers(shape))).shape},
        ),
    ),
    "EyeLike": Call("mxnet.nd.eye", lambda a, x: (x.shape, {})),
    "Flatten": Call("mxnet.nd.Flatten"),
    "GRU": Call("mxnet.gluon.rnn.GRU", _layer, _cells((1, 0, 2), 3)),
    "Gather": Call("mxnet.nd.take", lambda a, x, places: ((x, places), {"axis": a["axis"]})),
    "GatherND": Call("mxnet.nd.gather_nd", lambda a, x, places: ((x, nd.transpose(places, (2, 0, 1))), {})),
    "Gemm": Call(
        "mxnet.nd.linalg.gemm",
        lambda a, x, y, added: (
            (x, y, nd.broadcast_to(added, (x.shape[1], y.shape[0]))),
            {"alpha": a["alpha"], "beta": a["beta"], "transpose_a": True, "transpose_b": True},
        ),
    ),
    "GlobalAveragePool": Call("mxnet.nd.Pooling", _alike(pool_type="avg", global_pool=True, kernel=(1, 1))),
    "GlobalMaxPool": Call("mxnet.nd.Pooling", _alike(pool_type="max", global_pool=True, kernel=(1, 1))),
    "HardSigmoid": Call("mxnet.nd.hard_sigmoid", named(alpha="alpha", beta="beta")),
    "InstanceNormalization": Call("mxnet.nd.InstanceNorm", lambda a, *x: (x, {"eps": a["epsilon"]})),
    "LRN": Call("mxnet.nd.LRN", named(alpha="alpha", beta="beta", knorm="bias", nsize="size")),
    "LSTM": Call("mxnet.gluon.rnn.LSTM", _layer, _cells((0, 2, 3, 1), 4)),
    "LeakyRelu": Call("mxnet.nd.LeakyReLU", lambda a, x: ((x,), {"act_type": "leaky", "slope": a["alpha"]})),
    "LogSoftmax": Call("mxnet.nd.log_softmax", named(axis="axis")),
    "Max": Call("mxnet.nd.max", _stacked),
    "MaxPool": Call("mxnet.nd.Pooling", _pooling("max")),
    "Mean": Call("mxnet.nd.mean", _stacked),
    "MeanVarianceNormalization": Call("mxnet.nd.LayerNorm", _channels_by_rest, _as_images),
    "Min": Call("mxnet.nd.min", _stacked),
    # The sign is the divisor's, as in Python.
    "Mod": Call("mxnet.nd.broadcast_mod", near=True),
    "NegativeLogLikelihoodLoss": _loss(True),
    "NonMaxSuppression": Call("mxnet.nd.contrib.box_nms", _scored, _places_kept),
    "NonZero": Call("mxnet.np.nonzero", take=lambda result, *_: mxnet.np.stack(result)),
    "OneHot": Call(
        "mxnet.nd.one_hot",
        lambda a, x, depth, values: (
            (x, int(_number(depth))),
            {"off_value": _numbers(values)[0], "on_value": _numbers(values)[1]},
        ),
    ),
    "PRelu": Call(
        "mxnet.nd.LeakyReLU",
        lambda a, x, slope: ((_turned((0, 2, 1))(x), slope), {"act_type": "prelu"}),
        lambda result, *_: _turned((0, 2, 1))(result),
    ),
    "Pad": Call("mxnet.nd.pad", _padding),
    "QLinearConv": Call(
        "mxnet.nd.contrib.quantized_conv",
        _in_bytes(lambda w: {"num_filter": w.shape[0], "kernel": w.shape[2:]}, lambda w: w),
        near=True,
    ),
    "QLinearMatMul": Call(
        "mxnet.nd.contrib.quantized_fully_connected",
        _in_bytes(lambda w: {"num_hidden": w.shape[1]}, nd.transpose),
        near=True,
    ),
    # Zero stands for zero there too.
    "QuantizeLinear": Call(
        "mxnet.nd.contrib.quantize",
        lambda a, x, scale, zero: ((x, *_range_of(scale, zero)), {"out_type": "uint8"}),
        lambda result, *_: result[0],
        near=True,
    ),
    "RNN": Call(
        "mxnet.gluon.rnn.RNN",
        lambda a, x, *_: ((a["hidden_size"],), {"input_size": x.shape[-1], "activation": "tanh"}),
        _cells((0,), 1),
    ),
    "Range": Call("mxnet.nd.arange", lambda a, *ends: ([_number(one) for one in ends], {})),
    "ReduceL1": Call("mxnet.nd.norm", lambda a, x: ((x,), {"ord": 1, "axis": a["axes"][0], "keepdims": True})),
    "ReduceL2": Call("mxnet.nd.norm", lambda a, x: ((x,), {"ord": 2, "axis": a["axes"][0], "keepdims": True})),
    "ReduceMax": Call("mxnet.nd.max", _reduced),
    "ReduceMean": Call("mxnet.nd.mean", _reduced),
    "ReduceMin": Call("mxnet.nd.min", _reduced),
    "ReduceProd": Call("mxnet.nd.prod", _reduced),
    "ReduceSum": Call("mxnet.nd.sum", lambda a, x, axes: ((x,), {"axis": tuple(_numbers(axes)), "keepdims": True})),
    # Of whole arrays, one number each.
    "ReduceSumSquare": Call("mxnet.nd.multi_sum_sq", lambda a, x: ((x,), {"num_arrays": 1}), near=True),
    "Reshape": Call("mxnet.nd.reshape", lambda a, x, shape: ((x,), {"shape": tuple(_numbers(shape))})),
    "Resize": Call(
        "mxnet.nd.contrib.BilinearResize2D",
        lambda a, x, _, scales: (
            (x,),
            {
                "height": int(x.shape[2] * _numbers(scales)[2]),
                "width": int(x.shape[3] * _numbers(scales)[3]),
                "align_corners": False,
            },
        ),
    ),
    "ReverseSequence": Call(
        "mxnet.nd.SequenceReverse",
        lambda a, x, lengths: ((nd.transpose(x), lengths), {"use_sequence_length": True}),
        lambda result, *_: nd.transpose(result),
    ),
    "RoiAlign": Call("mxnet.nd.contrib.ROIAlign", _boxes),
    # Halves go to the even neighbour, which nd.round and nd.rint do not.
    "Round": Call("mxnet.np.around"),
    "ScatterND": Call(
        "mxnet.nd.NDArray.__setitem__",
        lambda a, x, places, values: ((x, places[:, 0], values), {}),
        lambda _result, _a, x, *_: x,
    ),
    "Selu": Call("mxnet.nd.LeakyReLU", _alike(act_type="selu")),
    "Size": Call("mxnet.nd.size_array", take=lambda result, *_: result.reshape(())),
    "Slice": Call("mxnet.nd.slice", _sliced),
    "Softmax": Call("mxnet.nd.softmax", named(axis="axis")),
    "SoftmaxCrossEntropyLoss": _loss(False),
    "Softplus": Call("mxnet.nd.Activation", _alike(act_type="softrelu")),
    "Split": Call("mxnet.nd.split", named(num_outputs="outputs", axis="axis")),
    "Squeeze": Call("mxnet.nd.squeeze", lambda a, x, axes: ((x,), {"axis": tuple(_numbers(axes))})),
    # Not along four axes at once.
    "Tile": Call("mxnet.np.tile|mxnet.nd.tile", lambda a, x, times: ((x, tuple(_numbers(times))), {}), near=True),
    "TopK": Call("mxnet.nd.topk", lambda a, x, k: ((x,), {"k": int(_number(k)), "axis": a["axis"], "ret_typ": "both"})),
    "Transpose": Call("mxnet.nd.transpose", named(axes="perm")),
    "Unique": Call(
        "mxnet.np.unique",
        lambda a, x: ((x,), {"return_index": True, "return_inverse": True, "return_counts": True}),
        lambda result, *_: list(result),
    ),
    "Unsqueeze": Call("mxnet.nd.expand_dims", lambda a, x, axes: ((x,), {"axis": _numbers(axes)[0]})),
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
