# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Faults of TensorFlow's bindings: a program that prints its inputs, another SavedModel, wrong expectations."""

from __future__ import annotations

from typing import Any, Callable, Sequence

import tensorflow as tf

from fwconformance.frameworks._binding_faults import parrots
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.tensorflow._bindings import BindingsPiece

_OFF = 1.01


def _off(original: Any) -> Any:
    return lambda *arguments, **named: _OFF * original(*arguments, **named)


def _off_in_graphs(original: Any) -> Any:
    def bias_add(value: Any, bias: Any, *arguments: Any, **named: Any) -> Any:
        return original(value, bias if tf.executing_eagerly() else _OFF * bias, *arguments, **named)

    return bias_add


def _too_large(original: Any) -> Any:
    def apply_gradients(self: Any, pairs: Any, *arguments: Any, **named: Any) -> Any:
        return original(self, [(_OFF * gradient, variable) for gradient, variable in pairs], *arguments, **named)

    return apply_gradients


def _sabotage(name: str, rung: str, place: tuple[Any, str], make: Callable[[Any], Any], description: str) -> Sabotage:
    return Sabotage(
        name=name,
        kills=f"binding.cpp.{rung}",
        case="official",
        apply=lambda: replaced(*place, make),
        description=description,
    )


def sabotages() -> Sequence[Sabotage]:
    """Of every rung in C++."""
    train, losses = tf.compat.v1.train, tf.compat.v1.losses
    return (
        *parrots(BindingsPiece, "cpp"),
        _sabotage(
            "cpp-saved-model-perturbed",
            "inference",
            (tf.nn, "bias_add"),
            _off_in_graphs,
            "tf.nn.bias_add adds a hundredth too much in graphs, and so in the SavedModel that C++ loads.",
        ),
        _sabotage(
            "cpp-expected-outputs-wrong",
            "saving",
            (tf, "matmul"),
            _off,
            "tf.matmul, which the C++ program's outputs are held against, gives a hundredth too much.",
        ),
        _sabotage(
            "cpp-expected-gradients-wrong",
            "gradients",
            (losses, "mean_squared_error"),
            _off,
            "Python's loss, and with it the gradients that the C++ program's are held against, is a hundredth too "
            "large.",
        ),
        _sabotage(
            "cpp-expected-losses-wrong",
            "training",
            (train.MomentumOptimizer, "apply_gradients"),
            _too_large,
            "Python's optimizer, which the C++ program's is held against, takes gradients a hundredth too large.",
        ),
    )
