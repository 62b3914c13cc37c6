"""Batch and layer normalisation, against the definitions and finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.frameworks import BatchNorm, LayerNorm, LocalResponseNorm

SHAPES = st.sampled_from([(3,), (2, 4), (2, 3, 2)])


@settings(max_examples=10, deadline=None, derandomize=True)
@given(shape=SHAPES, training=st.booleans(), variance=st.sampled_from(["biased", "unbiased"]))
def test_batch_norm_backward(layer_of, check_backward, shape, training, variance):
    """Gradients through the batch's statistics in training, around the running ones else."""
    layer = layer_of(BatchNorm(rate=0.3, epsilon=0.1, running_variance=variance), shape)
    check_backward(layer, np.random.RandomState(2).normal(size=(4, *shape)), training=training)


@pytest.mark.parametrize(("variance", "ddof"), [("biased", 0), ("unbiased", 1)])
def test_batch_norm_training(layer_of, forward, variance, ddof):
    """Each channel is normalised by its own biased variance; running values move by the rate to the batch's."""
    layer = layer_of(BatchNorm(rate=0.3, epsilon=0.1, running_variance=variance), (2, 3, 2))
    before = {role: value.copy() for role, value in layer.weights.items()}
    inputs = np.random.RandomState(2).normal(size=(4, 2, 3, 2))
    outputs = forward(layer, inputs, training=True)
    for channel in range(2):
        values = inputs[:, channel]
        normal = (values - values.mean()) / np.sqrt(values.var() + 0.1)
        expected = normal * before["scale"][channel] + before["shift"][channel]
        np.testing.assert_allclose(outputs[:, channel], expected, atol=1e-12)
        for role, kept in (("mean", values.mean()), ("variance", values.var(ddof=ddof))):
            moved = before[role][channel] + 0.3 * (kept - before[role][channel])
            assert layer.weights[role][channel] == pytest.approx(moved)


def test_batch_norm_inference(layer_of, forward):
    """The running statistics are used and stay as they were."""
    layer = layer_of(BatchNorm(epsilon=0.1), (3,))
    before = {role: value.copy() for role, value in layer.weights.items()}
    inputs = np.random.RandomState(2).normal(size=(4, 3))
    expected = (inputs - before["mean"]) / np.sqrt(before["variance"] + 0.1) * before["scale"] + before["shift"]
    np.testing.assert_allclose(forward(layer, inputs), expected, atol=1e-12)
    for role, value in before.items():
        np.testing.assert_array_equal(layer.weights[role], value)


def test_layer_norm_forward(layer_of, forward):
    """Each last-axis vector is normalised by itself."""
    layer = layer_of(LayerNorm(epsilon=0.1), (2, 4))
    inputs = np.random.RandomState(2).normal(size=(3, 2, 4))
    for index in np.ndindex(3, 2):
        row = inputs[index]
        expected = (row - row.mean()) / np.sqrt(row.var() + 0.1) * layer.weights["scale"] + layer.weights["shift"]
        np.testing.assert_allclose(forward(layer, inputs)[index], expected, atol=1e-12)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(shape=SHAPES)
def test_layer_norm_backward(layer_of, check_backward, shape):
    """Gradients by scale, shift and inputs."""
    check_backward(layer_of(LayerNorm(epsilon=0.1), shape), np.random.RandomState(2).normal(size=(3, *shape)))


@pytest.mark.parametrize("size", [1, 3, 5])
def test_local_response_norm_forward(layer_of, forward, size):
    """Each value over a power of its neighbours' squares, channels beyond the edges left out."""
    layer = layer_of(LocalResponseNorm(size=size, alpha=0.6, beta=0.7, constant=1.5), (4, 2, 3))
    inputs = np.random.RandomState(2).normal(size=(2, 4, 2, 3))
    outputs = forward(layer, inputs)
    for channel in range(4):
        near = inputs[:, max(0, channel - size // 2) : channel + size // 2 + 1]
        expected = inputs[:, channel] / (1.5 + 0.6 / size * (near**2).sum(axis=1)) ** 0.7
        np.testing.assert_allclose(outputs[:, channel], expected, atol=1e-12)


@pytest.mark.parametrize("size", [1, 3, 5])
def test_local_response_norm_backward(layer_of, check_backward, size):
    layer = layer_of(LocalResponseNorm(size=size, alpha=0.6, beta=0.7, constant=1.5), (4, 2, 3))
    check_backward(layer, np.random.RandomState(2).normal(size=(2, 4, 2, 3)))
