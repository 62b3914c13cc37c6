# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""MXNet's adaptive optimizers beside Adam, and where they add epsilon."""

from __future__ import annotations

from typing import Any, Mapping

import mxnet
from mxnet import nd

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._conventions import HALF, Convention, epsilon_steps, followed
from fwconformance.frameworks._probes import refuse

_KNOWN = {
    "adagrad": frozenset({"eps"}),
    "rmsprop": frozenset({"learning_rate", "gamma1", "gamma2", "epsilon", "centered", "clip_weights"}),
}


def placement(kind: str, asked: str, made: Any = None) -> Convention:
    """One step from squares of 0: those of the gradient are 1 for AdaGrad, a half for RMSProp."""
    own, settings, squares = {
        "adagrad": (mxnet.optimizer.AdaGrad, {"eps": 1.0}, 1.0),
        "rmsprop": (mxnet.optimizer.RMSProp, {"gamma1": HALF, "epsilon": 1.0}, HALF),
    }[kind]
    make: Any = made or own

    def measure() -> float:
        optimizer = make(learning_rate=1.0, **settings)
        weight, slope = nd.zeros(1, ctx=mxnet.cpu()), nd.ones(1, ctx=mxnet.cpu())
        optimizer.update(0, weight, slope, optimizer.create_state(0, weight))
        return -float(weight.asscalar())

    return Convention(
        label=f"mx.optimizer.{own.__name__}",
        measure=measure,
        gives=epsilon_steps(squares),
        asked=asked,
        takes=make.__init__,
        known=_KNOWN[kind],
    )


def own_conventions(kind: str) -> Mapping[str, Any]:
    """What `Seam.own_conventions` asks for."""
    return {"epsilon_placement": followed(placement(kind, "outside")), "initial": 0.0}


def settings_of(optimizer: Any) -> tuple[str, dict[str, Any]] | None:
    """Gluon's name of it, and its parameters; None for a description of another.

    Raises `Unsupported` for the other place of epsilon.
    """
    if isinstance(optimizer, neutral.AdaDelta):
        # It has no rate: its moves are the paper's.
        return "adadelta", {"rho": optimizer.decay, "epsilon": optimizer.epsilon}
    kind = {neutral.AdaGrad: "adagrad", neutral.RMSProp: "rmsprop"}.get(type(optimizer))
    if kind is None:
        return None
    if optimizer.epsilon_placement != own_conventions(kind)["epsilon_placement"]:
        refuse(placement(kind, optimizer.epsilon_placement))
    if kind == "adagrad":
        return kind, {"learning_rate": optimizer.rate, "eps": optimizer.epsilon}
    return kind, {"learning_rate": optimizer.rate, "gamma1": optimizer.decay, "epsilon": optimizer.epsilon}
