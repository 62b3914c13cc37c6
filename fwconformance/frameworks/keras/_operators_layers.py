# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Layers that compute an operator of the standard: made, given the node's weights, and called."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np

from fwconformance.frameworks.keras._native import ops

Attributes = Mapping[str, Any]


def cells(order: Sequence[int], weights: int, biases: int) -> Any:
    """A layer given the standard's weights; `order`: where Keras' gates are in the standard; `biases`: how many sets
    it has.
    """

    def run(layer: Any, a: Attributes, x: Any, w: Any, r: Any, b: Any) -> Any:
        hidden = a["hidden_size"]

        def gates(values: Any) -> Any:
            split = np.reshape(values, (weights, hidden, -1))
            return np.reshape(split[list(order)], (weights * hidden, -1))

        values = [ops.convert_to_numpy(one)[0] for one in (w, r, b)]
        both = [gates(half)[:, 0] for half in np.split(values[2], 2)]
        layer.build((None, *x.shape[::2]))
        layer.set_weights([gates(values[0]).T, gates(values[1]).T, np.stack(both) if biases == 2 else sum(both)])
        return layer(ops.transpose(x, (1, 0, 2)))[None]

    return run


def layer_of(**fixed: Any) -> Any:
    """Of as many units as the standard's node."""
    return lambda a, *_: ((a["hidden_size"],), fixed)


def given(weights: Any) -> Any:
    """A layer built for the first input and given `weights`, of the inputs."""

    def run(layer: Any, a: Attributes, x: Any, *rest: Any) -> Any:
        layer.build(x.shape)
        layer.set_weights([ops.convert_to_numpy(one) for one in weights(*rest)])
        return layer(x)

    return run
