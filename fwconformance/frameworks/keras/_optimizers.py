# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""Keras' adaptive optimizers beside Adam, and where they add epsilon."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._conventions import HALF, Convention, epsilon_steps, followed
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks.keras._native import apply, keras, ops, variable

_SHARED = (
    *("learning_rate", "epsilon", "weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "name"),
    *("ema_momentum", "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps"),
)
_KNOWN = {
    "adagrad": frozenset((*_SHARED, "initial_accumulator_value")),
    "rmsprop": frozenset((*_SHARED, "rho", "momentum", "centered")),
}


def placement(kind: str, asked: str, made: Any = None) -> Convention:
    """One step from squares of 0: those of the gradient are 1 for AdaGrad, a half for RMSProp."""
    own, settings, squares = {
        "adagrad": (keras.optimizers.Adagrad, {"initial_accumulator_value": 0.0}, 1.0),
        "rmsprop": (keras.optimizers.RMSprop, {"rho": HALF}, HALF),
    }[kind]
    make: Any = made or own

    def measure() -> float:
        weight = variable(np.zeros(1, "float32"))
        apply(make(learning_rate=1.0, epsilon=1.0, **settings), [ops.ones(1)], [weight])
        return -float(ops.convert_to_numpy(weight)[0])

    return Convention(
        label=f"keras.optimizers.{own.__name__}",
        measure=measure,
        gives=epsilon_steps(squares),
        asked=asked,
        takes=make.__init__,
        known=_KNOWN[kind],
    )


def own_conventions(kind: str) -> Mapping[str, Any]:
    """What `Seam.own_conventions` asks for."""
    initial = {"adagrad": 0.1, "rmsprop": 0.0}[kind]
    return {"epsilon_placement": followed(placement(kind, "inside")), "initial": initial}


def check(optimizer: Any) -> None:
    """Raises `Unsupported` for the other place of epsilon; measured by a step."""
    kind = {neutral.AdaGrad: "adagrad", neutral.RMSProp: "rmsprop"}.get(type(optimizer))
    if kind is not None and optimizer.epsilon_placement != own_conventions(kind)["epsilon_placement"]:
        refuse(placement(kind, optimizer.epsilon_placement))


def make(optimizer: Any) -> Any:
    """The optimizer, None for a description of another."""
    shared = {"learning_rate": optimizer.rate, "epsilon": getattr(optimizer, "epsilon", None)}
    if isinstance(optimizer, neutral.AdaDelta):
        return keras.optimizers.Adadelta(rho=optimizer.decay, **shared)
    if isinstance(optimizer, neutral.AdaGrad):
        return keras.optimizers.Adagrad(initial_accumulator_value=optimizer.initial, **shared)
    if isinstance(optimizer, neutral.RMSProp):
        return keras.optimizers.RMSprop(rho=optimizer.decay, **shared)
    return None
