"""LSTM and GRU, against the formulas one sequence and one unit at a time, and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.frameworks import GRU, LSTM

LAYERS = st.one_of(
    st.builds(LSTM, units=st.integers(1, 3), sequences=st.booleans(), bidirectional=st.booleans()),
    st.builds(
        GRU,
        units=st.integers(1, 3),
        reset=st.sampled_from(["before", "after"]),
        sequences=st.booleans(),
        bidirectional=st.booleans(),
    ),
)
LENGTHS = st.one_of(st.none(), st.lists(st.integers(1, 4), min_size=3, max_size=3))


def logistic(x):
    return 1 / (1 + math.exp(-x))


def naive_lstm(layer, sequence, prefix):
    """States of one sequence, (steps, units), by scalar arithmetic."""
    kernel, recurrent, bias = (layer.weights[prefix + role] for role in ("kernel", "recurrent", "bias"))
    units = layer.description.units
    hidden, cell, states = np.zeros(units), np.zeros(units), []
    for x in sequence:
        sums = [sum(x * kernel[:, k]) + sum(hidden * recurrent[:, k]) + bias[k] for k in range(4 * units)]
        after = hidden.copy()
        for u in range(units):
            i, f, g, o = (sums[gate * units + u] for gate in range(4))
            cell[u] = logistic(f) * cell[u] + logistic(i) * math.tanh(g)
            after[u] = logistic(o) * math.tanh(cell[u])
        hidden = after
        states.append(hidden)
    return np.array(states)


def naive_gru(layer, sequence, prefix):
    """States of one sequence by scalar arithmetic, in either convention."""
    kernel, recurrent, bias = (layer.weights[prefix + role] for role in ("kernel", "recurrent", "bias"))
    units, after_product = layer.description.units, layer.description.reset == "after"
    second = layer.weights[prefix + "recurrent_bias"] if after_product else np.zeros(3 * units)
    hidden, states = np.zeros(units), []
    for x in sequence:
        inner = [sum(x * kernel[:, k]) + bias[k] for k in range(3 * units)]
        outer = [sum(hidden * recurrent[:, k]) + second[k] for k in range(3 * units)]
        r = np.array([logistic(inner[u] + outer[u]) for u in range(units)])
        z = [logistic(inner[units + u] + outer[units + u]) for u in range(units)]
        after = hidden.copy()
        for u in range(units):
            k = 2 * units + u
            back = r[u] * outer[k] if after_product else sum(r * hidden * recurrent[:, k])
            after[u] = z[u] * hidden[u] + (1 - z[u]) * math.tanh(inner[k] + back)
        hidden = after
        states.append(hidden)
    return np.array(states)


def naive(layer, inputs, lengths):
    """Every sequence alone, cut to its length; zeros after it. The backward direction reads it turned around."""
    what = layer.description
    run = naive_lstm if isinstance(what, LSTM) else naive_gru
    rows = []
    for sequence, length in zip(inputs, lengths):
        valid = sequence[:length]
        directions = [run(layer, valid, "")]
        lasts = [directions[0][-1]]
        if what.bidirectional:
            turned = run(layer, valid[::-1], "backward_")
            directions.append(turned[::-1])
            lasts.append(turned[-1])
        states = np.zeros((len(sequence), what.units * len(directions)))
        states[:length] = np.concatenate(directions, axis=-1)
        rows.append(states if what.sequences else np.concatenate(lasts))
    return np.array(rows)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(description=LAYERS, lengths=LENGTHS)
def test_forward(layer_of, forward, description, lengths):
    """Both kinds, both conventions, both directions, any lengths: the formulas' values."""
    layer, inputs = layer_of(description, (None, 2)), np.random.RandomState(1).normal(size=(3, 4, 2))
    outputs = forward(layer, inputs, lengths=None if lengths is None else np.array(lengths))
    np.testing.assert_allclose(outputs, naive(layer, inputs, lengths or [4, 4, 4]), atol=1e-12)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(description=LAYERS, lengths=LENGTHS)
def test_backward(layer_of, check_backward, description, lengths):
    """Gradients by both directions' weights and the inputs, through any lengths."""
    layer, inputs = layer_of(description, (None, 2)), np.random.RandomState(1).normal(size=(3, 4, 2))
    check_backward(layer, inputs, lengths=None if lengths is None else np.array(lengths))


@pytest.mark.parametrize("description", [LSTM(units=2, bidirectional=True), GRU(units=2, bidirectional=True)])
def test_padding_is_never_read(layer_of, forward, description):
    """Other values past the lengths change no bit of the outputs."""
    layer, inputs = layer_of(description, (None, 2)), np.random.RandomState(1).normal(size=(2, 4, 2))
    lengths, other = np.array([2, 3]), inputs.copy()
    other[0, 2:], other[1, 3:] = 1e30, -7.0
    np.testing.assert_array_equal(forward(layer, inputs, lengths=lengths), forward(layer, other, lengths=lengths))


def test_resets_differ(layer_of, forward):
    """The two conventions are two: with the same weights and no recurrent bias they disagree."""
    after, before = (layer_of(GRU(units=2, reset=reset), (None, 2)) for reset in ("after", "before"))
    after.weights["recurrent_bias"][...] = 0.0
    for role in before.weights:
        before.weights[role][...] = after.weights[role]
    inputs = np.random.RandomState(1).normal(size=(2, 4, 2))
    assert np.abs(forward(after, inputs) - forward(before, inputs)).max() > 0.01
