"""Numbers for the suites: drawn so that a fault shows.

Everything is float32 and never zero; the oracle gets the same float32 values, so a difference between it and a
framework is the framework's arithmetic and nothing else.
"""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from fwconformance.frameworks import GRU, LSTM, Network, weight_shapes

Array = Any  # numpy.ndarray: NumPy 1.18 has no types to name


def spread(rng: Any, *shape: int, low: float = 0.1, high: float = 1.2) -> Array:
    """float32 values of `shape` with sizes between `low` and `high` and signs at random: none is zero or near it."""
    sizes = rng.uniform(low, high, size=shape)
    return (sizes * rng.choice([-1.0, 1.0], size=shape)).astype(np.float32)


def distinct(rng: Any, *shape: int, step: float = 0.11) -> Array:
    """float32 values of `shape`, each at least `step` from every other and none zero: no maximum is ever tied."""
    count = int(np.prod(shape))
    ladder = (np.arange(count) - count / 2 + 0.37) * step
    return rng.permutation(ladder).reshape(shape).astype(np.float32)


def ids(rng: Any, vocabulary: int, *shape: int) -> Array:
    """int64 ids of `shape` below `vocabulary`."""
    return rng.integers(0, vocabulary, size=shape).astype(np.int64)


def weights_for(network: Network, rng: Any) -> dict[str, Array]:
    """Weights for a comparison with the oracle: no bias is zero, no scale is one, no gate is at its neutral point."""
    return {name: _weight(network, name, shape, rng) for name, shape in weight_shapes(network).items()}


def _weight(network: Network, name: str, shape: Sequence[int], rng: Any) -> Array:
    index, role = name.split(".", 1)
    layer = network.layers[int(index)]
    if role in {"scale", "variance"}:
        return rng.uniform(0.5, 1.9, size=shape).astype(np.float32)
    if len(shape) == 1 and isinstance(layer, (LSTM, GRU)):
        # A step of its own for each gate, so that gates which trade places do not cancel out.
        gates = 4 if isinstance(layer, LSTM) else 3
        offsets = np.repeat([0.3, 0.9, -0.4, -0.7][:gates], shape[0] // gates)
        return (offsets + rng.uniform(-0.25, 0.25, size=shape)).astype(np.float32)
    return spread(rng, *shape, high=0.9)


def initial_weights(network: Network, rng: Any) -> dict[str, Array]:
    """Weights to start a training from: uniform after Glorot and Bengio (2010), zero biases, forget biases of one."""
    return {name: _initial(network, name, shape, rng) for name, shape in weight_shapes(network).items()}


def _initial(network: Network, name: str, shape: Sequence[int], rng: Any) -> Array:
    index, role = name.split(".", 1)
    layer = network.layers[int(index)]
    if role in {"scale", "variance"}:
        return np.ones(shape, dtype=np.float32)
    if len(shape) == 1:
        bias = np.zeros(shape, dtype=np.float32)
        if isinstance(layer, LSTM):
            bias[layer.units : 2 * layer.units] = 1.0
        return bias
    if role == "table":
        return rng.uniform(-0.5, 0.5, size=shape).astype(np.float32)
    area = int(np.prod(shape[2:]))
    fan = shape[0] + layer.units if isinstance(layer, (LSTM, GRU)) else (shape[0] + shape[1]) * area
    bound = np.sqrt(6.0 / fan)
    return rng.uniform(-bound, bound, size=shape).astype(np.float32)
