"""Networks of the Caffe Model Zoo in NumPy, from the files alone: what Caffe's layers are defined to do.

Definitions: the layer catalogue of Caffe's documentation (https://caffe.berkeleyvision.org/tutorial/layers.html).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Mapping

import numpy as np

from fwconformance.frameworks._caffemodel import read_blobs
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._prototxt import Message, layers, parse
from fwconformance.frameworks.reference._convolution import pad, windows
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._tensor import Tensor


class CaffeModel:
    """Piece "caffe-model"."""

    def forward(self, definition: str, weights: str, inputs: Array) -> Tensor:
        network = parse(Path(definition).read_text(encoding="utf-8"))
        held: dict[str, list[Array]] = {}
        for blob in read_blobs(weights):
            held.setdefault(blob.layer, []).append(blob.values.astype(np.float64))
        tops: dict[str, Array] = {"data": np.asarray(inputs, np.float64)}
        result = tops["data"]
        for layer in layers(network):
            kind = layer.get("type")
            if kind == "Input":
                continue
            if kind not in _LAYERS:
                raise NotAdapted(f"the reference has no Caffe layer {kind!r}")
            bottoms = [tops[name] for name in layer.all("bottom")]
            result = _LAYERS[kind](layer, bottoms, held.get(layer.get("name"), []))
            tops[layer.get("top")] = result
        return Tensor(result)

    def blobs(self, definition: str, weights: str) -> Mapping[str, Tensor]:
        names = {layer.get("name") for layer in layers(parse(Path(definition).read_text(encoding="utf-8")))}
        return {
            blob.name: Tensor(blob.values.astype(np.float64)) for blob in read_blobs(weights) if blob.layer in names
        }


def _pair(settings: Message, name: str, default: int) -> tuple[int, int]:
    """A size that is given once, twice, or as ``name_h`` and ``name_w``."""
    given = [int(value) for value in settings.all("kernel_size" if name == "kernel" else name)] or [default]
    return int(settings.get(f"{name}_h", given[0])), int(settings.get(f"{name}_w", given[-1]))


def _convolution(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    settings = layer.message("convolution_param")
    groups = int(settings.number("group", 1))
    (rows, columns), kernel = _pair(settings, "pad", 0), blobs[0]
    padded = pad(bottoms[0], ((rows, rows), (columns, columns)))
    seen = windows(padded, kernel.shape[2:], _pair(settings, "stride", 1), _pair(settings, "dilation", 1))
    parts = [
        np.tensordot(some, filters, axes=([1, 4, 5], [1, 2, 3]))
        for some, filters in zip(np.split(seen, groups, axis=1), np.split(kernel, groups))
    ]
    outputs = np.concatenate(parts, axis=-1).transpose(0, 3, 1, 2)
    return outputs + blobs[1].reshape(-1, 1, 1) if len(blobs) > 1 else outputs


def _batch_norm(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    """The third blob is what the two sums were weighted by."""
    mean, variance, weight = blobs
    factor = 0.0 if float(weight.reshape(-1)[0]) == 0 else 1.0 / float(weight.reshape(-1)[0])
    epsilon = layer.message("batch_norm_param").number("eps", 1e-5)
    centred = bottoms[0] - (mean * factor).reshape(-1, 1, 1)
    return centred / np.sqrt(variance * factor + epsilon).reshape(-1, 1, 1)


def _scale(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    outputs = bottoms[0] * blobs[0].reshape(-1, 1, 1)
    return outputs + blobs[1].reshape(-1, 1, 1) if len(blobs) > 1 else outputs


def _pooling(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    """Windows are counted by rounding up, so that the last may hang over the edge; a mean divides by its share of the
    padded image.
    """
    settings, images = layer.message("pooling_param"), bottoms[0]
    if settings.get("global_pooling") == "true":
        whole = images.reshape(*images.shape[:2], -1)
        pooled = whole.max(axis=2) if settings.get("pool", "MAX") == "MAX" else whole.mean(axis=2)
        return pooled[:, :, None, None]
    size, stride, padding = _pair(settings, "kernel", 1), _pair(settings, "stride", 1), _pair(settings, "pad", 0)
    around = []
    for extent, window, step, edge in zip(images.shape[2:], size, stride, padding):
        count = -(-(extent + 2 * edge - window) // step) + 1
        if edge and (count - 1) * step >= extent + edge:
            count -= 1
        around.append((edge, max((count - 1) * step + window - extent - edge, 0), extent + 2 * edge))
    margins = (around[0][:2], around[1][:2])
    if settings.get("pool", "MAX") == "MAX":
        return windows(pad(images, margins, -np.inf), size, stride).max(axis=(4, 5))
    inside = np.zeros((1, 1, *(before + extent + after for (before, after), extent in zip(margins, images.shape[2:]))))
    inside[:, :, : around[0][2], : around[1][2]] = 1.0
    counts = windows(inside, size, stride).sum(axis=(4, 5))
    return windows(pad(images, margins), size, stride).sum(axis=(4, 5)) / counts


def _eltwise(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    settings = layer.message("eltwise_param")
    operation = settings.get("operation", "SUM")
    if operation == "PROD":
        return np.prod(bottoms, axis=0)
    if operation == "MAX":
        return np.max(bottoms, axis=0)
    factors = [float(value) for value in settings.all("coeff")] or [1.0] * len(bottoms)
    return np.sum([factor * bottom for factor, bottom in zip(factors, bottoms)], axis=0)


def _inner_product(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    kernel = blobs[0].reshape(-1, blobs[0].shape[-1])
    outputs = bottoms[0].reshape(len(bottoms[0]), -1) @ kernel.T
    return outputs + blobs[1].reshape(-1) if len(blobs) > 1 else outputs


def _softmax(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    raised = np.exp(bottoms[0] - bottoms[0].max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _relu(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    slope = layer.message("relu_param").number("negative_slope", 0.0)
    return np.where(bottoms[0] > 0, bottoms[0], slope * bottoms[0])


def _prelu(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    return np.where(bottoms[0] > 0, bottoms[0], blobs[0].reshape(-1, 1, 1) * bottoms[0])


def _lrn(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    settings = layer.message("lrn_param")
    if settings.get("norm_region", "ACROSS_CHANNELS") != "ACROSS_CHANNELS":
        raise NotAdapted("the reference has Caffe's LRN across channels alone")
    size, squares = int(settings.number("local_size", 5)), bottoms[0] ** 2
    half = size // 2
    padded = np.pad(squares, ((0, 0), (half, half), (0, 0), (0, 0)), mode="constant")
    sums = np.sum([padded[:, shift : shift + squares.shape[1]] for shift in range(size)], axis=0)
    base = settings.number("k", 1.0) + settings.number("alpha", 1.0) / size * sums
    return bottoms[0] / base ** settings.number("beta", 0.75)


def _concat(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    return np.concatenate(bottoms, axis=int(layer.message("concat_param").number("axis", 1)))


def _unchanged(layer: Message, bottoms: list[Array], blobs: list[Array]) -> Array:
    return bottoms[0]


_LAYERS: Mapping[str, Callable[[Message, Any, Any], Array]] = {
    "BatchNorm": _batch_norm,
    "Concat": _concat,
    "Convolution": _convolution,
    # In inference it does nothing.
    "Dropout": _unchanged,
    "Eltwise": _eltwise,
    "InnerProduct": _inner_product,
    "LRN": _lrn,
    "PReLU": _prelu,
    "Pooling": _pooling,
    "ReLU": _relu,
    "Scale": _scale,
    "Softmax": _softmax,
}

PIECES: Mapping[str, Any] = {"caffe-model": CaffeModel}
