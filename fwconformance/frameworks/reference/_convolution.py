"""Layers over windows of an image: two-dimensional convolution and pooling."""

from __future__ import annotations

from typing import Any, Tuple

import numpy as np

from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Layer

Pair = Tuple[int, int]


def windows(images: Array, size: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Array:
    """Read-only view (batch, channels, rows, columns, height, width) of the windows of `size` on `images`.

    `rows` and `columns` count window positions. A view by strides: `sliding_window_view` came with NumPy 1.20 only.
    """
    batch, channels, height, width = images.shape
    rows = (height - (size[0] - 1) * dilation[0] - 1) // stride[0] + 1
    columns = (width - (size[1] - 1) * dilation[1] - 1) // stride[1] + 1
    steps = images.strides
    return np.lib.stride_tricks.as_strided(
        images,
        (batch, channels, rows, columns, *size),
        (*steps[:2], steps[2] * stride[0], steps[3] * stride[1], steps[2] * dilation[0], steps[3] * dilation[1]),
        writeable=False,
    )


def scatter(parts: Array, shape: tuple[int, ...], stride: Pair, dilation: Pair = (1, 1)) -> Array:
    """The transpose of `windows`: an array of `shape`, each value of `parts` added to where it was read from."""
    result = np.zeros(shape)
    _, _, rows, columns, height, width = parts.shape
    for row in range(height):
        for column in range(width):
            top, left = row * dilation[0], column * dilation[1]
            result[:, :, top : top + rows * stride[0] : stride[0], left : left + columns * stride[1] : stride[1]] += (
                parts[..., row, column]
            )
    return result


def pad(images: Array, padding: tuple[Pair, Pair], value: float = 0.0) -> Array:
    """`images` with `padding` ((top, bottom), (left, right)) cells of `value` around each."""
    return np.pad(images, ((0, 0), (0, 0), *padding), mode="constant", constant_values=value)


def unpad(images: Array, padding: tuple[Pair, Pair]) -> Array:
    """`images` without `padding`."""
    (top, bottom), (left, right) = padding
    return images[:, :, top : images.shape[2] - bottom, left : images.shape[3] - right]


class Conv2D(Layer):
    """Cross-correlation: each output is the sum over a window of the image times the kernel, plus the bias.

    One image at a time, as products of matrices: `einsum` takes minutes for such networks before NumPy 2.4, and a whole
    batch's windows take gigabytes.
    """

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        what = self.description
        padded = pad(inputs, what.padding)
        patches, filters = self.patches(padded), _flat(self.filters())
        outputs = np.stack([filters @ self._columns(seen) for seen in patches])
        outputs = outputs.reshape(len(inputs), what.channels, *patches.shape[2:4])
        if "bias" in self.weights:
            outputs = outputs + self.weights["bias"][:, None, None]
        return outputs, (patches, padded.shape)

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        what, kernel = self.description, self.weights["kernel"]
        patches, shape = cache
        grouped = self._split(upstream)
        by_kernel = sum(_flat(some) @ _turned(self._columns(seen)) for some, seen in zip(grouped, patches))
        gradients = {"kernel": by_kernel.reshape(kernel.shape)}
        if "bias" in self.weights:
            gradients["bias"] = upstream.sum(axis=(0, 2, 3))
        filters = _turned(_flat(self.filters()))
        inward = np.empty(shape)
        for image, some in zip(inward, grouped):
            parts = self._parts(filters @ _flat(some), patches.shape)
            image[:] = scatter(parts, (1, *shape[1:]), what.stride, what.dilation)[0]
        return unpad(inward, what.padding), gradients

    def patches(self, padded: Array) -> Array:
        """What each output sees of the padded images, as `windows` gives it."""
        return windows(padded, self.description.kernel, self.description.stride, self.description.dilation)

    def filters(self) -> Array:
        """The kernel as it meets a window: (groups, channels / groups, in / groups, height, width)."""
        kernel = self.weights["kernel"]
        return kernel.reshape(self.description.groups, -1, *kernel.shape[1:])

    def _columns(self, seen: Array) -> Array:
        """One image's windows as a matrix for each group: (groups, in / groups * height * width, rows * columns)."""
        _, rows, columns, _, _ = seen.shape
        turned = seen.transpose(0, 3, 4, 1, 2)
        return turned.reshape(self.description.groups, -1, rows * columns)

    def _parts(self, columns: Array, shape: tuple[int, ...]) -> Array:
        """The inverse of `_columns` for windows of `shape`, as a batch of one."""
        _, channels, rows, positions, height, width = shape
        return columns.reshape(1, channels, height, width, rows, positions).transpose(0, 1, 4, 5, 2, 3)

    def _split(self, values: Array) -> Array:
        """(batch, channels, ...) as (batch, groups, channels / groups, ...)."""
        return values.reshape(len(values), self.description.groups, -1, *values.shape[2:])


def _flat(values: Array) -> Array:
    """All axes after the second as one."""
    return values.reshape(*values.shape[:2], -1)


def _turned(matrices: Array) -> Array:
    """The last two axes swapped."""
    return matrices.swapaxes(-1, -2)


class ConvTranspose2D(Layer):
    """The gradient of a convolution by its inputs, as a layer: each cell adds itself times the kernel to a window."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        what = self.description
        parts = np.einsum("ngirs,giohw->ngorshw", self._split(inputs), self.filters(), optimize=True)
        parts = parts.reshape(len(inputs), what.channels, *parts.shape[3:])
        rows, columns = (
            (size - 1) * step + window for size, step, window in zip(inputs.shape[2:], what.stride, what.kernel)
        )
        whole = scatter(parts, (*parts.shape[:2], rows, columns), what.stride)
        outputs = unpad(whole, self.cut())
        if "bias" in self.weights:
            outputs = outputs + self.weights["bias"][:, None, None]
        return outputs, inputs

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        what, kernel = self.description, self.weights["kernel"]
        seen = self._split(windows(pad(upstream, self.cut()), what.kernel, what.stride))
        gradients = {"kernel": np.einsum("ngirs,ngorshw->giohw", self._split(cache), seen, optimize=True)}
        gradients["kernel"] = gradients["kernel"].reshape(kernel.shape)
        if "bias" in self.weights:
            gradients["bias"] = upstream.sum(axis=(0, 2, 3))
        inward = np.einsum("ngorshw,giohw->ngirs", seen, self.filters(), optimize=True)
        return inward.reshape(cache.shape), gradients

    def cut(self) -> tuple[Pair, Pair]:
        """Rows and columns cut from each side."""
        rows, columns = self.description.padding
        return ((rows, rows), (columns, columns))

    def filters(self) -> Array:
        """The kernel by groups: (groups, in / groups, channels / groups, height, width)."""
        kernel = self.weights["kernel"]
        return kernel.reshape(self.description.groups, -1, *kernel.shape[1:])

    def _split(self, values: Array) -> Array:
        """(batch, channels, ...) as (batch, groups, channels / groups, ...)."""
        return values.reshape(len(values), self.description.groups, -1, *values.shape[2:])


class Pool2D(Layer):
    """The largest or the mean of each window. Of equal largest values the first takes the gradient."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        what = self.description
        (rows, columns) = what.padding
        padding = ((rows, rows), (columns, columns))
        padded = pad(inputs, padding, self.edge())
        seen = windows(padded, what.size, what.stride)
        flat = seen.reshape(*seen.shape[:4], -1)
        if what.kind == "max":
            chosen = self.choose(flat)[..., None]
            weights = (np.arange(flat.shape[-1]) == chosen) * 1.0
            outputs = np.take_along_axis(flat, chosen, axis=-1)[..., 0]
        else:
            counts = self.counts(inputs, padding)
            weights = np.ones(flat.shape) / counts[..., None]
            outputs = flat.sum(axis=-1) / counts
        return outputs, (weights.reshape(seen.shape), padded.shape, padding)

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        weights, shape, padding = cache
        parts = weights * upstream[..., None, None]
        return unpad(scatter(parts, shape, self.description.stride), padding), {}

    def edge(self) -> float:
        """What stands around the image: less than anything for a maximum, else nothing."""
        return -np.inf if self.description.kind == "max" else 0.0

    def choose(self, flat: Array) -> Array:
        """The place of the maximum in each window's cells, the last axis of `flat`."""
        return flat.argmax(axis=-1)

    def counts(self, inputs: Array, padding: tuple[Pair, Pair]) -> Array:
        """What an average divides by at each position: the window's cells, or those of them on the image."""
        what = self.description
        edge = 1.0 if what.count_padding else 0.0
        ones = pad(np.ones((1, 1, *inputs.shape[2:])), padding, edge)
        return windows(ones, what.size, what.stride).sum(axis=(4, 5))
