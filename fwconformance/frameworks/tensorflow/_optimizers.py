# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""The adaptive optimizers of tf.compat.v1.train beside Adam, and where they add epsilon."""

from __future__ import annotations

import inspect
from typing import Any, Mapping

import tensorflow as tf

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._conventions import HALF, Convention, epsilon_steps, followed
from fwconformance.frameworks._probes import Seen, refuse

_KNOWN = frozenset({"learning_rate", "decay", "momentum", "epsilon", "use_locking", "centered", "name"})
#: RMSPropOptimizer makes its slot of ones, and takes no other start.
_ONES = 1.0


def placement(asked: str, made: Any = None) -> Convention:
    """One step of RMSProp with gradient 1: its squares start at 1, and stay there."""
    make: Any = made or tf.compat.v1.train.RMSPropOptimizer

    def measure() -> float:
        weight = tf.Variable(0.0)
        make(learning_rate=1.0, decay=HALF, epsilon=1.0).apply_gradients([(tf.constant(1.0), weight)])
        return -float(weight)

    return Convention(
        label="tf.compat.v1.train.RMSPropOptimizer",
        measure=measure,
        gives=epsilon_steps(_ONES),
        asked=asked,
        takes=make.__init__,
        known=_KNOWN,
    )


def without_epsilon(made: Any = None) -> Seen:
    """AdagradOptimizer's parameters."""
    taken = list(inspect.signature((made or tf.compat.v1.train.AdagradOptimizer).__init__).parameters)
    absent = not [name for name in taken if "eps" in name]
    return Seen(absent=absent, evidence=f"tf.compat.v1.train.AdagradOptimizer takes {', '.join(taken[1:])}")


def own_conventions(kind: str) -> Mapping[str, Any]:
    """What `Seam.own_conventions` asks for."""
    if kind == "adagrad":
        return {"epsilon_placement": "outside", "initial": 0.1, "epsilon": 0.0}
    return {"epsilon_placement": followed(placement("inside")), "initial": _ONES}


def make(optimizer: Any) -> Any:
    """The optimizer, None for a description of another. Raises `Unsupported` for a place of epsilon that it lacks."""
    train = tf.compat.v1.train
    if isinstance(optimizer, neutral.AdaDelta):
        return train.AdadeltaOptimizer(optimizer.rate, optimizer.decay, optimizer.epsilon)
    if isinstance(optimizer, neutral.AdaGrad):
        if optimizer.epsilon:
            refuse(without_epsilon())
        return train.AdagradOptimizer(optimizer.rate, initial_accumulator_value=optimizer.initial)
    if isinstance(optimizer, neutral.RMSProp):
        if optimizer.epsilon_placement != followed(placement("inside")):
            refuse(placement(optimizer.epsilon_placement))
        return train.RMSPropOptimizer(optimizer.rate, decay=optimizer.decay, epsilon=optimizer.epsilon)
    return None
