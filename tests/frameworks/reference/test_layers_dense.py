"""Layers without neighbourhoods, against values by hand and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.frameworks import Activation, Dense, Dropout, Embedding, Flatten
from fwconformance.frameworks.reference._layer import Call, Randomness
from fwconformance.frameworks.reference._layers_dense import erf, sigmoid, softmax

KINDS = ("relu", "tanh", "sigmoid", "gelu", "softmax")


def test_dense_by_hand(layer_of, forward):
    """Outputs are the products with the kernel's columns plus the bias."""
    layer = layer_of(Dense(units=2), (2,))
    layer.weights["kernel"][...] = [[1.0, 10.0], [2.0, 20.0]]
    layer.weights["bias"][...] = [0.5, -0.5]
    np.testing.assert_array_equal(forward(layer, np.array([[3.0, 4.0]])), [[11.5, 109.5]])


@settings(max_examples=15, deadline=None, derandomize=True)
@given(
    rows=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    width=st.integers(1, 4),
    units=st.integers(1, 3),
    bias=st.booleans(),
)
def test_dense_backward(layer_of, check_backward, rows, width, units, bias):
    """The backward pass is right for inputs of any rank, with and without bias."""
    layer = layer_of(Dense(units=units, bias=bias), (*rows[1:], width))
    check_backward(layer, np.random.RandomState(4).normal(size=(*rows, width)))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10, deadline=None, derandomize=True)
@given(values=st.lists(st.floats(-4, 4).filter(lambda x: abs(x) > 1e-3), min_size=2, max_size=5))
def test_activation_backward(layer_of, check_backward, kind, values):
    """The backward pass is right on both sides of zero."""
    check_backward(layer_of(Activation(kind=kind), (len(values),)), np.array([values, values[::-1]]))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("relu", [0.0, 0.0, 2.0]),
        ("tanh", [math.tanh(-1.5), 0.0, math.tanh(2.0)]),
        ("sigmoid", [1 / (1 + math.exp(1.5)), 0.5, 1 / (1 + math.exp(-2.0))]),
        ("gelu", [-1.5 * 0.06680720126885807, 0.0, 2.0 * 0.9772498680518208]),
        ("softmax", [math.exp(x) / (math.exp(-1.5) + 1 + math.exp(2.0)) for x in (-1.5, 0.0, 2.0)]),
    ],
)
def test_activation_values(layer_of, forward, kind, expected):
    """Values are those of the formulas; GELU's are x times the normal distribution's tabled values."""
    outputs = forward(layer_of(Activation(kind=kind), (3,)), np.array([[-1.5, 0.0, 2.0]]))
    np.testing.assert_allclose(outputs, [expected], rtol=1e-14)


def test_nothing_overflows():
    """Inputs of a thousand give limits, not infinities: warnings are errors here."""
    np.testing.assert_array_equal(sigmoid(np.array([-1000.0, 1000.0])), [0.0, 1.0])
    np.testing.assert_array_equal(softmax(np.array([-1000.0, 1000.0])), [0.0, 1.0])


def test_erf_is_the_standard_library_s():
    """Each value is `math.erf` of its place, whatever the shape."""
    values = np.linspace(-3, 3, 6).reshape(2, 3)
    expected = [[math.erf(x) for x in row] for row in values]
    np.testing.assert_array_equal(erf(values), expected)


def test_dropout_at_inference(layer_of, forward):
    """At inference the inputs come back."""
    inputs = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(forward(layer_of(Dropout(rate=0.5), (3,)), inputs), inputs)


@pytest.mark.parametrize("rate", [0.0, 0.25, 0.9])
def test_dropout_in_training(layer_of, forward, rate):
    """Values are zero or divided by 1 - rate, and about `rate` of them are zero."""
    outputs = forward(layer_of(Dropout(rate=rate), (100,)), np.ones((100, 100)), training=True)
    assert set(np.unique(outputs)) <= {0.0, 1.0 / (1.0 - rate)}
    assert abs((outputs == 0).mean() - rate) < 0.03


def test_dropout_of_everything(layer_of, forward):
    """A rate of one leaves nothing, without dividing by zero."""
    assert not forward(layer_of(Dropout(rate=1.0), (3,)), np.ones((2, 3)), training=True).any()


def test_dropout_backward(layer_of, check_backward):
    """The gradient passes where values passed, times the same factor."""
    check_backward(layer_of(Dropout(rate=0.4), (6,)), np.random.RandomState(5).normal(size=(4, 6)), training=True)


def test_dropout_draws_again(layer_of):
    """Two passes from one generator drop other values."""
    layer, call = layer_of(Dropout(rate=0.5), (50,)), Call(randomness=Randomness(1), training=True)
    first, second = (layer.forward(np.ones((2, 50)), call)[0] for _ in range(2))
    assert (first != second).any()


def test_embedding_rows(layer_of, forward):
    """Each id gives its row."""
    layer = layer_of(Embedding(vocabulary=4, features=3), (2,), integer_input=True)
    outputs = forward(layer, np.array([[3, 0], [1, 1]]))
    np.testing.assert_array_equal(outputs, layer.weights["table"][[[3, 0], [1, 1]]])


@settings(max_examples=15, deadline=None, derandomize=True)
@given(ids=st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_embedding_backward(layer_of, check_backward, ids):
    """Repeated ids add up in the table's gradient."""
    layer = layer_of(Embedding(vocabulary=4, features=2), (len(ids),), integer_input=True)
    check_backward(layer, np.array([ids, ids[::-1]]))


@pytest.mark.parametrize(("ids", "error"), [([[4]], IndexError), ([[-1]], IndexError), ([[1.0]], TypeError)])
def test_embedding_refuses(layer_of, forward, ids, error):
    """Ids outside the table, and ids that are no integers, are errors; Python would wrap the negative ones around."""
    with pytest.raises(error):
        forward(layer_of(Embedding(vocabulary=4, features=2), (1,), integer_input=True), np.array(ids))


def test_flatten(layer_of, forward, check_backward):
    """Axes are joined in row-major order, and parted again on the way back."""
    layer, inputs = layer_of(Flatten(), (2, 1, 3)), np.arange(12.0).reshape(2, 2, 1, 3)
    np.testing.assert_array_equal(forward(layer, inputs), np.arange(12.0).reshape(2, 6))
    check_backward(layer, inputs)
