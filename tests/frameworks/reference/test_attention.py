"""Self-attention, against the definition one head and one step at a time, and finite differences."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fwconformance.frameworks import SelfAttention

LAYERS = st.builds(SelfAttention, heads=st.sampled_from([1, 2, 4]), causal=st.booleans())
LENGTHS = st.one_of(st.none(), st.lists(st.integers(1, 3), min_size=2, max_size=2))


def naive(layer, inputs, lengths):
    """One head and one step after another: weights over the steps that it sees, then the mix of their values."""
    batch, steps, features = inputs.shape
    width = features // layer.description.heads
    q, k, v = (inputs @ layer.weights[f"{p}_kernel"] + layer.weights[f"{p}_bias"] for p in ("query", "key", "value"))
    mixed = np.zeros(inputs.shape)
    for n, head, t in np.ndindex(batch, layer.description.heads, steps):
        part = slice(head * width, (head + 1) * width)
        seen = [s for s in range(lengths[n]) if s <= t or not layer.description.causal]
        scores = [math.exp(float(q[n, t, part] @ k[n, s, part]) / math.sqrt(width)) for s in seen]
        for s, score in zip(seen, scores):
            mixed[n, t, part] += score / sum(scores) * v[n, s, part]
    return mixed @ layer.weights["output_kernel"] + layer.weights["output_bias"]


@settings(max_examples=20, deadline=None, derandomize=True)
@given(description=LAYERS, lengths=LENGTHS)
def test_forward(layer_of, forward, description, lengths):
    """Any number of heads, causal or not, padded or not: the definition's values at the steps that count."""
    layer, inputs = layer_of(description, (None, 4)), np.random.RandomState(1).normal(size=(2, 3, 4))
    outputs = forward(layer, inputs, lengths=None if lengths is None else np.array(lengths))
    expected = naive(layer, inputs, lengths or [3, 3])
    for row, length in enumerate(lengths or [3, 3]):
        np.testing.assert_allclose(outputs[row, :length], expected[row, :length], atol=1e-12)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(description=LAYERS, lengths=LENGTHS)
def test_backward(layer_of, check_backward, description, lengths):
    """Gradients by all eight weights and the inputs."""
    layer, inputs = layer_of(description, (None, 4)), np.random.RandomState(1).normal(size=(2, 3, 4))
    check_backward(layer, inputs, lengths=None if lengths is None else np.array(lengths))
