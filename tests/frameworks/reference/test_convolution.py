"""Convolution and pooling, against loops over single cells and finite differences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.frameworks import Conv2D, ConvTranspose2D, Pool2D
from fwconformance.frameworks.reference._convolution import pad, scatter, unpad, windows

PAIRS = st.tuples(st.integers(1, 2), st.integers(1, 2))
CONVOLUTIONS = st.builds(
    Conv2D,
    channels=st.sampled_from([2, 4]),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 2)),
    stride=PAIRS,
    padding=st.tuples(st.tuples(st.integers(0, 2), st.integers(0, 1)), st.tuples(st.integers(0, 1), st.integers(0, 2))),
    dilation=PAIRS,
    groups=st.sampled_from([1, 2]),
    bias=st.booleans(),
)
TRANSPOSED = st.builds(
    ConvTranspose2D,
    channels=st.sampled_from([2, 4]),
    kernel=st.tuples(st.integers(1, 3), st.integers(1, 2)),
    stride=PAIRS,
    padding=st.tuples(st.integers(0, 1), st.integers(0, 1)),
    groups=st.sampled_from([1, 2]),
    bias=st.booleans(),
)
POOLS = st.builds(
    Pool2D,
    kind=st.sampled_from(["max", "average"]),
    size=st.tuples(st.integers(2, 3), st.integers(2, 3)),
    stride=PAIRS,
    padding=st.tuples(st.integers(0, 1), st.integers(0, 1)),
    count_padding=st.booleans(),
)


def naive_convolution(layer, images):
    """One output cell after another, by the definition; cells off the image are zero."""
    what, kernel = layer.description, layer.weights["kernel"]
    (top, bottom), (left, right) = what.padding
    batch, channels, height, width = images.shape
    rows = (height + top + bottom - (kernel.shape[2] - 1) * what.dilation[0] - 1) // what.stride[0] + 1
    columns = (width + left + right - (kernel.shape[3] - 1) * what.dilation[1] - 1) // what.stride[1] + 1
    outputs = np.zeros((batch, what.channels, rows, columns))
    per_group, out_per_group = channels // what.groups, what.channels // what.groups
    for n, o, r, c in np.ndindex(*outputs.shape):
        total = layer.weights["bias"][o] if what.bias else 0.0
        for i, h, w in itertools.product(range(per_group), range(kernel.shape[2]), range(kernel.shape[3])):
            y = r * what.stride[0] + h * what.dilation[0] - top
            x = c * what.stride[1] + w * what.dilation[1] - left
            if 0 <= y < height and 0 <= x < width:
                total += images[n, o // out_per_group * per_group + i, y, x] * kernel[o, i, h, w]
        outputs[n, o, r, c] = total
    return outputs


def naive_pool(what, images):
    """One window after another: the cells on the image, then their largest or their mean."""
    batch, channels, height, width = images.shape
    rows = (height + 2 * what.padding[0] - what.size[0]) // what.stride[0] + 1
    columns = (width + 2 * what.padding[1] - what.size[1]) // what.stride[1] + 1
    outputs = np.zeros((batch, channels, rows, columns))
    for n, k, r, c in np.ndindex(*outputs.shape):
        top, left = r * what.stride[0] - what.padding[0], c * what.stride[1] - what.padding[1]
        cells = [
            images[n, k, y, x]
            for y in range(max(top, 0), min(top + what.size[0], height))
            for x in range(max(left, 0), min(left + what.size[1], width))
        ]
        count = what.size[0] * what.size[1] if what.count_padding else len(cells)
        outputs[n, k, r, c] = max(cells) if what.kind == "max" else sum(cells) / count
    return outputs


@settings(max_examples=30, deadline=None, derandomize=True)
@given(description=CONVOLUTIONS, size=st.tuples(st.integers(5, 6), st.integers(4, 5)))
def test_convolution_forward(layer_of, forward, description, size):
    """Any stride, padding on each side, dilation, groups and bias: the definition's values."""
    layer, images = layer_of(description, (2, *size)), np.random.RandomState(1).normal(size=(2, 2, *size))
    np.testing.assert_allclose(forward(layer, images), naive_convolution(layer, images), atol=1e-12)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(description=CONVOLUTIONS)
def test_convolution_backward(layer_of, check_backward, description):
    """Gradients by kernel, bias and image."""
    check_backward(layer_of(description, (2, 5, 4)), np.random.RandomState(1).normal(size=(1, 2, 5, 4)))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(description=TRANSPOSED, size=st.tuples(st.integers(3, 5), st.integers(3, 4)))
def test_transposed_is_the_convolutions_gradient_by_its_image(layer_of, forward, description, size):
    """Its outputs are what the convolution of the same kernel hands back for its inputs as upstream, plus the bias."""
    layer, images = layer_of(description, (2, *size)), np.random.RandomState(1).normal(size=(2, 2, *size))
    outputs = forward(layer, images)
    rows, columns = description.padding
    twin = Conv2D(
        channels=2,
        kernel=description.kernel,
        stride=description.stride,
        padding=((rows, rows), (columns, columns)),
        groups=description.groups,
        bias=False,
    )
    convolution = layer_of(twin, outputs.shape[1:])
    convolution.weights["kernel"] = layer.weights["kernel"]
    _, cache = convolution.forward(np.zeros(outputs.shape), None)
    inward, _ = convolution.backward(images, cache)
    bias = layer.weights["bias"][:, None, None] if description.bias else 0.0
    np.testing.assert_allclose(outputs, inward + bias, atol=1e-12)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(description=TRANSPOSED)
def test_transposed_backward(layer_of, check_backward, description):
    """Gradients by kernel, bias and image."""
    check_backward(layer_of(description, (2, 4, 3)), np.random.RandomState(1).normal(size=(1, 2, 4, 3)))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(description=POOLS, size=st.tuples(st.integers(3, 6), st.integers(3, 5)))
def test_pool_forward(layer_of, forward, description, size):
    """Any window, stride, padding and way of counting: the definition's values, also of negative images."""
    layer, images = layer_of(description, (2, *size)), np.random.RandomState(1).normal(size=(2, 2, *size)) - 3
    np.testing.assert_allclose(forward(layer, images), naive_pool(description, images), atol=1e-12)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(description=POOLS)
def test_pool_backward(layer_of, check_backward, description):
    """Gradients by the image, windows overlapping or not."""
    check_backward(layer_of(description, (2, 4, 5)), np.random.RandomState(1).permutation(40).reshape(1, 2, 4, 5) / 7)


def test_first_of_equal_maxima_takes_the_gradient(layer_of):
    """Of equal largest values the first in row-major order gets all of the gradient."""
    layer = layer_of(Pool2D(kind="max", size=(2, 2), stride=(2, 2)), (1, 2, 2))
    outputs, cache = layer.forward(np.ones((1, 1, 2, 2)), None)
    np.testing.assert_array_equal(layer.backward(outputs, cache)[0], [[[[1.0, 0.0], [0.0, 0.0]]]])


@settings(max_examples=20, deadline=None, derandomize=True)
@given(size=PAIRS, stride=PAIRS, dilation=PAIRS)
def test_scatter_is_the_transpose_of_windows(size, stride, dilation):
    """``<windows(x), y> == <x, scatter(y)>`` for all x and y."""
    rng = np.random.RandomState(0)
    images = rng.normal(size=(2, 3, 5, 6))
    seen = windows(images, size, stride, dilation)
    other = rng.normal(size=seen.shape)
    assert (seen * other).sum() == pytest.approx((images * scatter(other, images.shape, stride, dilation)).sum())


def test_unpad_undoes_pad():
    """Padding on four sides, none among them, comes off again."""
    images = np.arange(12.0).reshape(1, 1, 3, 4)
    padding = ((1, 0), (2, 3))
    assert pad(images, padding).shape == (1, 1, 4, 9)
    np.testing.assert_array_equal(unpad(pad(images, padding), padding), images)
