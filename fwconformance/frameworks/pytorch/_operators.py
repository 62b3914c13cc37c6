# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "operators": those of ONNX, each by one function of torch."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

import numpy as np
import torch

from fwconformance.frameworks._operators import Call, OperatorTable, named, of_type, resolved

F = "torch.nn.functional"
#: Of networks in bytes, which has moved.
_IN_BYTES = ("torch.ao.nn.quantized.functional", "torch.nn.quantized.functional")

Attributes = Mapping[str, Any]


def _stacked(a: Attributes, *x: Any) -> Any:
    """Several tensors as one, along a new first axis that the function takes away."""
    return (torch.stack(x), 0), {}


def _reduced(a: Attributes, x: Any, *_: Any) -> Any:
    return (x, a["axes"]), {"keepdim": True}


def _window(a: Attributes) -> dict[str, Any]:
    """Kernel, stride and padding of a pooling; padding is the same on both sides in the tests."""
    return {
        "kernel_size": a["kernel_shape"],
        "stride": a.get("strides", [1, 1]),
        "padding": a.get("pads", [0, 0])[:2],
    }


def _strides_and_padding(a: Attributes, x: Any, w: Any) -> Any:
    return (x, w), {"stride": a["strides"], "padding": a["pads"][:2]}


def _depth(a: Attributes, x: Any) -> Any:
    """Channels from (row, column, channel) to (channel, row, column), as pixel_shuffle has them."""
    batch, channels, height, width = x.shape
    square = a["blocksize"] ** 2
    turned = x.reshape(batch, square, channels // square, height, width).transpose(1, 2)
    return (turned.reshape(x.shape), a["blocksize"]), {}


def _padding(a: Attributes, x: Any, pads: Any, value: Any) -> Any:
    before, after = np.split(pads.numpy(), 2)
    pairs = [int(one) for pair in zip(before[::-1], after[::-1]) for one in pair]
    return (x, pairs), {"value": float(value)}


def _sliced(a: Attributes, x: Any, starts: Any, ends: Any, axes: Any, steps: Any) -> Any:
    found = [slice(None)] * x.dim()
    for start, end, axis, step in zip(*(one.tolist() for one in (starts, ends, axes, steps))):
        found[axis] = slice(start, end, step)
    return (x, tuple(found)), {}


def _cells(order: Sequence[int], weights: int) -> Any:
    """A layer made with the sizes of the standard's weights; `order`: where torch's gates are in the standard."""

    def run(layer: Any, a: Attributes, x: Any, w: Any, r: Any, b: Any) -> Any:
        hidden = a["hidden_size"]

        def gates(values: Any) -> Any:
            split = values.reshape(weights, hidden, -1)
            return split[list(order)].reshape(weights * hidden, -1)

        with torch.no_grad():
            layer.weight_ih_l0.copy_(gates(w[0]))
            layer.weight_hh_l0.copy_(gates(r[0]))
            ours, theirs = b[0].chunk(2)
            layer.bias_ih_l0.copy_(gates(ours)[:, 0])
            layer.bias_hh_l0.copy_(gates(theirs)[:, 0])
            _, last = layer(x)
        return last[0] if isinstance(last, tuple) else last

    return run


def _layer(a: Attributes, x: Any, *_: Any) -> Any:
    return (x.shape[-1], a["hidden_size"]), {}


def _quantized(a: Attributes, x: Any, scale: Any, zero: Any) -> Any:
    return (x, float(scale), int(zero), torch.quint8), {}


def _bytes(values: Any, scale: Any, zero: Any) -> Any:
    """A quantized tensor of these bytes, as they are; there is no public way to make one."""
    return torch._make_per_tensor_quantized_tensor(values.contiguous(), float(scale), int(zero))  # noqa: SLF001


def _all_in_bytes(name: str, laid: Callable[[Any], Any], **more: Any) -> Call:
    """Weights have a sign there, and lie as `laid` lays them."""

    def give(_: Attributes, *given: Any) -> Any:
        x, scale, zero, w, weight_scale, weight_zero, own_scale, own_zero = given
        weights = _bytes((laid(w).to(torch.int16) - 128).to(torch.int8), weight_scale, int(weight_zero) - 128)
        inputs = _bytes(x.to(torch.uint8), scale, zero)
        return (inputs, weights, None), {"scale": float(own_scale), "zero_point": int(own_zero), **more}

    return Call("|".join(f"{module}.{name}" for module in _IN_BYTES), give, lambda result, *_: result.int_repr())


#: Functions that take the standard's inputs as they are.
_PLAIN = {
    "abs": "Abs", "acos": "Acos", "acosh": "Acosh", "add": "Add", "asin": "Asin", "asinh": "Asinh", "atan": "Atan",
    "atanh": "Atanh", "ceil": "Ceil", "clone": "Identity", "cos": "Cos", "cosh": "Cosh", "det": "Det", "div": "Div",
    "eq": "Equal", "erf": "Erf", "exp": "Exp", "floor": "Floor", "fmod": "Mod", "ge": "GreaterOrEqual", "gt": "Greater",
    "isinf": "IsInf", "isnan": "IsNaN", "le": "LessOrEqual", "log": "Log", "logical_and": "And", "logical_not": "Not",
    "logical_or": "Or", "logical_xor": "Xor", "lt": "Less", "matmul": "MatMul", "mul": "Mul", "neg": "Neg",
    "pow": "Pow", "reciprocal": "Reciprocal", "relu": "Relu", "round": "Round", "selu": "Selu", "sigmoid": "Sigmoid",
    "sign": "Sign", "sin": "Sin", "sinh": "Sinh", "sqrt": "Sqrt", "sub": "Sub", "tan": "Tan", "tanh": "Tanh",
    "where": "Where",
}  # fmt: skip

CALLS: Mapping[str, Call] = {
    **{operator: Call(f"torch.{name}") for name, operator in _PLAIN.items()},
    "ArgMax": Call("torch.argmax", lambda a, x: ((x, a["axis"]), {"keepdim": True})),
    "ArgMin": Call("torch.argmin", lambda a, x: ((x, a["axis"]), {"keepdim": True})),
    "AveragePool": Call(f"{F}.avg_pool2d", lambda a, x: ((x,), {**_window(a), "count_include_pad": False})),
    "BatchNormalization": Call(
        f"{F}.batch_norm",
        lambda a, x, scale, shift, mean, variance: ((x, mean, variance, scale, shift), {"eps": a["epsilon"]}),
    ),
    "BitShift": Call(
        "torch.bitwise_left_shift|torch.Tensor.__lshift__",
        lambda a, x, by: ((x.to(torch.uint8), by.to(torch.uint8)), {}),
    ),
    "Cast": Call("torch.Tensor.to", lambda a, x: ((x, torch.float64), {}), of_type("float64")),
    "Celu": Call(f"{F}.celu", named(alpha="alpha")),
    "Clip": Call("torch.clamp", lambda a, x, low, high: ((x, float(low), float(high)), {})),
    "Compress": Call("torch.Tensor.__getitem__"),
    "Concat": Call("torch.cat", lambda a, *x: ((x, a["axis"]), {})),
    "ConstantOfShape": Call("torch.full", lambda a, shape: ((shape.tolist(), a["value"][0]), {})),
    "Conv": Call(f"{F}.conv2d", _strides_and_padding),
    "ConvTranspose": Call(f"{F}.conv_transpose2d", _strides_and_padding),
    "CumSum": Call("torch.cumsum", lambda a, x, axis: ((x, int(axis)), {})),
    "DepthToSpace": Call(f"{F}.pixel_shuffle", _depth),
    "DequantizeLinear": Call(
        "torch.dequantize", lambda a, x, scale, zero: ((_bytes(x.to(torch.uint8), scale, zero),), {})
    ),
    "Dropout": Call(f"{F}.dropout", lambda a, x: ((x,), {"training": False})),
    # Its step is rounded in another way, so that a value halfway between two goes to the other one.
    "DynamicQuantizeLinear": Call(
        "torch.quantize_per_tensor_dynamic",
        lambda a, x: ((x, torch.quint8, False), {}),
        lambda q, *_: [q.int_repr(), torch.tensor(q.q_scale()), torch.tensor(q.q_zero_point())],
        near=True,
    ),
    "Einsum": Call("torch.einsum", lambda a, *x: ((a["equation"].replace(" ", ""), *x), {})),
    "Elu": Call(f"{F}.elu", named(alpha="alpha")),
    "Expand": Call(
        "torch.Tensor.expand",
        lambda a, x, shape: ((x, np.broadcast(np.empty(x.shape), np.empty(shape.tolist())).shape), {}),
    ),
    "EyeLike": Call("torch.eye", lambda a, x: (tuple(x.shape), {})),
    "Flatten": Call("torch.flatten", lambda a, x: ((x, a.get("axis", 1)), {})),
    "GRU": Call("torch.nn.GRU", _layer, _cells((1, 0, 2), 3)),
    "Gather": Call("torch.index_select", lambda a, x, places: ((x, a["axis"], places), {})),
    "GatherElements": Call("torch.gather", lambda a, x, places: ((x, a["axis"], places), {})),
    "GatherND": Call("torch.Tensor.__getitem__", lambda a, x, places: ((x, tuple(places.unbind(-1))), {})),
    "Gemm": Call(
        "torch.addmm", lambda a, x, y, added: ((added, x.t(), y.t()), {"beta": a["beta"], "alpha": a["alpha"]})
    ),
    "GlobalAveragePool": Call(f"{F}.adaptive_avg_pool2d", lambda a, x: ((x, 1), {})),
    "GlobalMaxPool": Call(f"{F}.adaptive_max_pool2d", lambda a, x: ((x, 1), {})),
    # Slope and offset cannot be chosen.
    "HardSigmoid": Call(f"{F}.hardsigmoid", near=True),
    "InstanceNormalization": Call(
        f"{F}.instance_norm", lambda a, x, scale, shift: ((x,), {"weight": scale, "bias": shift, "eps": a["epsilon"]})
    ),
    "LRN": Call(
        f"{F}.local_response_norm",
        lambda a, x: ((x, a["size"]), {"alpha": a["alpha"], "beta": a["beta"], "k": a["bias"]}),
    ),
    "LSTM": Call("torch.nn.LSTM", _layer, _cells((0, 2, 3, 1), 4)),
    "LeakyRelu": Call(f"{F}.leaky_relu", named(negative_slope="alpha")),
    "LogSoftmax": Call("torch.log_softmax", named(dim="axis")),
    "Max": Call("torch.amax", _stacked),
    "MaxPool": Call(f"{F}.max_pool2d", lambda a, x: ((x,), _window(a))),
    "MaxUnpool": Call(f"{F}.max_unpool2d", lambda a, x, places: ((x, places, a["kernel_shape"], a["strides"]), {})),
    "Mean": Call("torch.mean", _stacked),
    "MeanVarianceNormalization": Call(
        f"{F}.batch_norm", lambda a, x: ((x, None, None), {"training": True, "eps": 1e-9})
    ),
    "Min": Call("torch.amin", _stacked),
    "NegativeLogLikelihoodLoss": Call(f"{F}.nll_loss", lambda a, x, t: ((x, t), {"reduction": "none"})),
    "NonZero": Call("torch.nonzero", take=lambda result, *_: result.t()),
    "OneHot": Call(
        "torch.scatter",
        lambda a, x, depth, values: (
            (torch.full((len(x), int(depth)), float(values[0])), 1, x.long()[:, None], float(values[1])),
            {},
        ),
    ),
    "PRelu": Call(
        f"{F}.prelu",
        lambda a, x, slope: ((x.transpose(1, 2), slope), {}),
        lambda result, *_: result.transpose(1, 2),
    ),
    "Pad": Call(f"{F}.pad", _padding),
    "QLinearConv": _all_in_bytes("conv2d", lambda w: w),
    "QLinearMatMul": _all_in_bytes("linear", lambda w: w.t()),
    "QuantizeLinear": Call("torch.quantize_per_tensor", _quantized, lambda q, *_: q.int_repr()),
    "RNN": Call("torch.nn.RNN", _layer, _cells((0,), 1)),
    "Range": Call("torch.arange", lambda a, *ends: ([float(one) for one in ends], {})),
    "ReduceL1": Call("torch.norm", lambda a, x: ((x, 1, a["axes"], True), {})),
    "ReduceL2": Call("torch.norm", lambda a, x: ((x, 2, a["axes"], True), {})),
    "ReduceLogSum": Call("torch.logsumexp", lambda a, x: ((x, list(range(x.dim())), True), {}), near=True),
    "ReduceLogSumExp": Call("torch.logsumexp", _reduced),
    "ReduceMax": Call("torch.amax", _reduced),
    "ReduceMean": Call("torch.mean", _reduced),
    "ReduceMin": Call("torch.amin", _reduced),
    "ReduceProd": Call("torch.prod", lambda a, x: ((x, a["axes"][0], True), {})),
    "ReduceSum": Call("torch.sum", lambda a, x, axes: ((x, axes.tolist(), True), {})),
    "ReduceSumSquare": Call(
        "torch.einsum", lambda a, x: (("ijk,ijk->ik", x, x), {}), lambda result, a, *_: result.unsqueeze(a["axes"][0])
    ),
    "Reshape": Call("torch.reshape", lambda a, x, shape: ((x, shape.tolist()), {})),
    "Resize": Call(
        f"{F}.interpolate",
        lambda a, x, _, scales: (
            (x,),
            {"scale_factor": scales[2:].tolist(), "mode": "bilinear", "align_corners": False},
        ),
    ),
    "ScatterElements": Call("torch.scatter", lambda a, x, places, values: ((x, a["axis"], places, values), {})),
    "ScatterND": Call("torch.index_put", lambda a, x, places, values: ((x, places.unbind(-1), values), {})),
    "Shape": Call("torch.Tensor.size", take=lambda size, *_: torch.tensor(size)),
    "Shrink": Call(f"{F}.softshrink", named(lambd="lambd")),
    "Size": Call("torch.numel", take=lambda size, *_: torch.tensor(size)),
    "Slice": Call("torch.Tensor.__getitem__", _sliced),
    "Softmax": Call("torch.softmax", named(dim="axis")),
    "SoftmaxCrossEntropyLoss": Call(f"{F}.cross_entropy", lambda a, x, t: ((x, t), {"reduction": "none"})),
    "Softplus": Call(f"{F}.softplus"),
    "Softsign": Call(f"{F}.softsign"),
    "Split": Call("torch.chunk", lambda a, x: ((x, a["outputs"], a["axis"]), {})),
    "Squeeze": Call("torch.squeeze", lambda a, x, axes: ((x, int(axes[0])), {})),
    "Sum": Call("torch.sum", _stacked),
    "ThresholdedRelu": Call(f"{F}.threshold", lambda a, x: ((x, a["alpha"], 0.0), {})),
    "Tile": Call("torch.Tensor.repeat", lambda a, x, times: ((x, *times.tolist()), {})),
    "TopK": Call("torch.topk", lambda a, x, k: ((x, int(k[0]), a["axis"]), {}), lambda result, *_: list(result)),
    "Transpose": Call("torch.Tensor.permute", lambda a, x: ((x, *a["perm"]), {})),
    # The places where values come first are not told.
    "Unique": Call(
        "torch.unique",
        lambda a, x: ((x,), {"return_inverse": True, "return_counts": True}),
        lambda result, *_: list(result),
        near=True,
    ),
    "Unsqueeze": Call("torch.unsqueeze", lambda a, x, axes: ((x, int(axes[0])), {})),
}


def piece(name: str, device: Any) -> OperatorTable:
    """The piece "operators"."""
    return OperatorTable(
        CALLS,
        places={
            "torch": torch,
            "torch.Tensor": torch.Tensor,
            "torch.linalg": torch.linalg,
            "torch.nn": torch.nn,
            F: torch.nn.functional,
            **{name: found for name in _IN_BYTES for found in [resolved(name)] if found is not None},
        },
        native=lambda _, value: torch.tensor(value, device=device),
        result=lambda value: value.to(torch.float32),
    )
