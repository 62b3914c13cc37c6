# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""How the standard's arguments are laid out for functions of MXNet, and their results for the standard."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

import numpy as np
from mxnet import nd

from fwconformance.frameworks._operators import Call, unpooled_shape
from fwconformance.frameworks.mxnet._arrays import quietly

Attributes = Mapping[str, Any]


def alike(**fixed: Any) -> Any:
    """The inputs as they are, and arguments that the function is always given."""
    return lambda _, *x: (x, fixed)


def stacked(a: Attributes, *x: Any) -> Any:
    """Several arrays as one, along a new first axis that the function takes away."""
    return (nd.stack(*x, axis=0),), {"axis": 0}


def reduced(a: Attributes, x: Any) -> Any:
    return (x,), {"axis": tuple(a["axes"]), "keepdims": True}


def numbers(x: Any) -> list[int]:
    return [int(one) for one in x.asnumpy().ravel()]


def number(x: Any) -> float:
    return float(x.asnumpy().ravel()[0])


def pooling(kind: str, **more: Any) -> Any:
    def give(a: Attributes, x: Any) -> Any:
        window = {"kernel": tuple(a["kernel_shape"]), "pad": tuple(a["pads"][:2]), "stride": (1, 1)}
        return (x,), {**window, "pool_type": kind, **more}

    return give


def convolved(filters: int) -> Any:
    """`filters`: the axis of the weights that counts them."""

    def give(a: Attributes, x: Any, w: Any) -> Any:
        window = {"kernel": w.shape[2:], "stride": tuple(a["strides"]), "pad": tuple(a["pads"][:2])}
        return (x, w), {**window, "num_filter": w.shape[filters], "no_bias": True}

    return give


def range_of(scale: Any, zero: Any) -> tuple[Any, Any]:
    """The least and the largest value that an unsigned byte stands for."""
    step, place = number(scale), number(zero)
    return nd.array([-place * step]), nd.array([(255 - place) * step])


def cells(order: Sequence[int], weights: int) -> Any:
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


def layer(a: Attributes, x: Any, *_: Any) -> Any:
    return (a["hidden_size"],), {"input_size": x.shape[-1]}


def padding(a: Attributes, x: Any, pads: Any, value: Any) -> Any:
    before, after = np.split(np.array(numbers(pads)), 2)
    width = tuple(int(one) for pair in zip(before, after) for one in pair)
    return (x,), {"mode": "constant", "pad_width": width, "constant_value": number(value)}


def sliced(a: Attributes, x: Any, starts: Any, ends: Any, axes: Any, steps: Any) -> Any:
    begin: list[int | None] = [None] * x.ndim
    end: list[int | None] = [None] * x.ndim
    for axis, first, last in zip(numbers(axes), numbers(starts), numbers(ends)):
        begin[axis], end[axis] = first, last
    return (x,), {"begin": tuple(begin), "end": tuple(end)}


def channels_by_rest(a: Attributes, x: Any) -> Any:
    """Each channel a row, whose mean and variance are those of the layer normalisation."""
    rows = nd.reshape(nd.transpose(x, (1, 0, 2, 3)), (x.shape[1], -1))
    return (rows, nd.ones(rows.shape[1]), nd.zeros(rows.shape[1])), {"axis": -1, "eps": 1e-9}


def as_images(rows: Any, a: Attributes, x: Any) -> Any:
    batch, channels, height, width = x.shape
    return nd.transpose(nd.reshape(rows, (channels, batch, height, width)), (1, 0, 2, 3))


def boxes(a: Attributes, x: Any, boxes: Any, batch: Any) -> Any:
    rows = nd.concat(nd.expand_dims(batch, 1), boxes, dim=1)
    size = (a["output_height"], a["output_width"])
    return (x, rows), {
        "pooled_size": size, "spatial_scale": a["spatial_scale"], "sample_ratio": a["sampling_ratio"],
    }  # fmt: skip


def scored(_: Attributes, boxes: Any, scores: Any, most: Any, overlap: Any, least: Any) -> Any:
    """Rows of place, score and corners."""
    columns = [nd.reshape(nd.arange(scores.size), (1, -1, 1)), nd.transpose(scores, (0, 2, 1)), boxes]
    limits = {"overlap_thresh": number(overlap), "valid_thresh": number(least)}
    return (nd.concat(*columns, dim=2),), {**limits, "score_index": 1, "coord_start": 2, "force_suppress": True}


def places(rows: Any, *_: Any) -> Any:
    """Of batch, class and box."""
    return nd.array(np.pad(rows.asnumpy()[0, :, :1], ((0, 0), (2, 0)), mode="constant"))


def elements(a: Attributes, x: Any, places: Any) -> Any:
    """Each element's place along every axis: its own, but along the one that is gathered from."""
    along = np.indices(places.shape)
    along[a["axis"]] = places.asnumpy()
    return (x, nd.array(along)), {}


def unpooled(a: Attributes, x: Any, places: Any) -> Any:
    """Into zeros, in one row, as the places are counted."""
    size = int(np.prod(unpooled_shape(a, x)))
    return (x.reshape(-1), places.reshape((1, -1))), {"shape": (size,)}


def lines(a: Attributes, x: Any) -> Any:
    """Each line along the axis an array of its own."""
    (axis,) = a["axes"]
    rows = nd.array(np.moveaxis(x.asnumpy(), axis, -1).reshape(-1, x.shape[axis]))
    return tuple(rows), {"num_arrays": len(rows)}


def kept_axis(result: Any, a: Attributes, x: Any) -> Any:
    (axis,) = a["axes"]
    return result.reshape(tuple(1 if place == axis else size for place, size in enumerate(x.shape)))


def repeated(_: Attributes, x: Any, times: Any) -> Any:
    """In one row, as often as all axes together."""
    return (x.reshape((1, -1)), (int(np.prod(numbers(times))), 1)), {}


def repeats_between(result: Any, _: Attributes, x: Any, times: Any) -> Any:
    """Each axis' repeats before it."""
    found = result.reshape((*numbers(times), *x.shape))
    order = [place for axis in range(x.ndim) for place in (axis, axis + x.ndim)]
    size = tuple(count * length for count, length in zip(numbers(times), x.shape))
    return nd.array(found.asnumpy().transpose(order).reshape(size))


def in_bytes(size: Callable[[Any], Mapping[str, Any]], laid: Callable[[Any], Any]) -> Any:
    """Bytes that stand for ranges, and sums that stand for one: nothing turns these into bytes again."""

    def give(_: Attributes, *given: Any) -> Any:
        x, scale, zero, w, weight_scale, weight_zero = given[:6]
        ranges = (*range_of(scale, zero), *range_of(weight_scale, weight_zero))
        return (nd.cast(x, "uint8"), nd.cast(laid(w) - 128, "int8"), *ranges), {**size(w), "no_bias": True}

    return give


def loss(from_logits: bool) -> Call:
    return Call(
        "mxnet.gluon.loss.SoftmaxCrossEntropyLoss",
        lambda *_: ((), {"from_logits": from_logits}),
        lambda block, _, x, t: block(x, t),
    )


def turned(axes: Sequence[int]) -> Callable[[Any], Any]:
    return lambda x: nd.transpose(x, axes)
