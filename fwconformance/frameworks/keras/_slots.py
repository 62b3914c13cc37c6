# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""How Keras lays weights out, and how the neutral description does: one slot a Keras variable.

A slot's `split` is linear, so that it carries gradients as well as weights.
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

import attrs
import numpy as np

from fwconformance.frameworks._network import (
    GRU,
    LSTM,
    BatchNorm,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Embedding,
    Layer,
    LayerNorm,
    SelfAttention,
)
from fwconformance.frameworks.keras._native import ops


@attrs.frozen
class Slot:
    """One Keras variable and the neutral roles that it holds.

    Attributes:
        variable: the Keras variable.
        roles: neutral roles in it.
        split: tensor in Keras' layout to one tensor a role, by Keras' operations.
        join: one NumPy array a role to an array in Keras' layout.
    """

    variable: Any
    roles: tuple[str, ...]
    split: Callable[[Any], Sequence[Any]]
    join: Callable[..., Any]


def slots(spec: Layer, layer: Any) -> list[Slot]:
    """Slots of a built Keras `layer` made for `spec`. Layers without weights have none."""
    if isinstance(spec, Dense):
        return [_same(layer.kernel, "kernel"), *([_same(layer.bias, "bias")] if spec.bias else [])]
    if isinstance(spec, (Conv2D, ConvTranspose2D)):
        kernel = Slot(
            layer.kernel,
            ("kernel",),
            lambda value: [ops.transpose(value, (3, 2, 0, 1))],
            lambda value: np.transpose(value, (2, 3, 1, 0)),
        )
        return [kernel, *([_same(layer.bias, "bias")] if spec.bias else [])]
    if isinstance(spec, BatchNorm):
        return [
            _same(layer.gamma, "scale"),
            _same(layer.beta, "shift"),
            _same(layer.moving_mean, "mean"),
            _same(layer.moving_variance, "variance"),
        ]
    if isinstance(spec, LayerNorm):
        return [_same(layer.gamma, "scale"), _same(layer.beta, "shift")]
    if isinstance(spec, Embedding):
        return [_same(layer.embeddings, "table")]
    if isinstance(spec, (LSTM, GRU)):
        if not spec.bidirectional:
            return _recurrent(spec, layer.cell, "")
        return [
            *_recurrent(spec, layer.forward_layer.cell, ""),
            *_recurrent(spec, layer.backward_layer.cell, "backward_"),
        ]
    if isinstance(spec, SelfAttention):
        return _attention(layer)
    return []


def _same(variable: Any, role: str) -> Slot:
    return Slot(variable, (role,), lambda value: [value], lambda value: value)


def _recurrent(spec: Any, cell: Any, prefix: str) -> list[Slot]:
    if isinstance(spec, LSTM):  # Keras' order is the neutral one: input, forget, cell, output
        return [
            _same(cell.kernel, f"{prefix}kernel"),
            _same(cell.recurrent_kernel, f"{prefix}recurrent"),
            _same(cell.bias, f"{prefix}bias"),
        ]
    weights = [
        Slot(variable, (f"{prefix}{role}",), lambda value: [_swapped(value)], _swapped_array)
        for variable, role in ((cell.kernel, "kernel"), (cell.recurrent_kernel, "recurrent"))
    ]
    if spec.reset == "before":
        bias = Slot(cell.bias, (f"{prefix}bias",), lambda value: [_swapped(value)], _swapped_array)
    else:  # one variable of two rows: added to the input's product, added to the state's
        bias = Slot(
            cell.bias,
            (f"{prefix}bias", f"{prefix}recurrent_bias"),
            lambda value: [_swapped(value[0]), _swapped(value[1])],
            lambda first, second: np.stack([_swapped_array(first), _swapped_array(second)]),
        )
    return [*weights, bias]


def _swapped(value: Any) -> Any:
    """Keras' order update, reset, new to the neutral reset, update, new; its own inverse."""
    update, reset, new = ops.split(value, 3, axis=-1)
    return ops.concatenate([reset, update, new], axis=-1)


def _swapped_array(value: Any) -> Any:
    reset, update, new = np.split(value, 3, axis=-1)
    return np.concatenate([update, reset, new], axis=-1)


def _attention(layer: Any) -> list[Slot]:
    """Keras keeps heads on an axis of their own: (features, heads, size) inward, (heads, size, features) outward."""
    found = []
    for name in ("query", "key", "value", "output"):
        # A private name before Keras 3.
        dense = getattr(layer, f"{name}_dense", None) or getattr(layer, f"_{name}_dense")
        found += [_reshaped(dense.kernel, f"{name}_kernel", 2), _reshaped(dense.bias, f"{name}_bias", 1)]
    return found


def _reshaped(variable: Any, role: str, axes: int) -> Slot:
    shape = tuple(variable.shape)
    features = shape[0] if len(shape) == 3 and role != "output_kernel" else shape[-1]
    neutral = (features, features) if axes == 2 else (int(np.prod(shape)),)
    return Slot(variable, (role,), lambda value: [ops.reshape(value, neutral)], lambda value: np.reshape(value, shape))
