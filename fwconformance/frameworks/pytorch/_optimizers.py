# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""torch.optim's adaptive optimizers beside Adam, and where they add epsilon."""

from __future__ import annotations

from typing import Any, Mapping

import torch

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._conventions import HALF, Convention, epsilon_steps, followed
from fwconformance.frameworks._probes import refuse

_SHARED = ("params", "lr", "eps", "weight_decay", "foreach", "maximize", "differentiable")
_KNOWN = {
    "adagrad": frozenset((*_SHARED, "lr_decay", "initial_accumulator_value", "fused")),
    "rmsprop": frozenset((*_SHARED, "alpha", "momentum", "centered", "capturable")),
}


def placement(kind: str, asked: str, made: Any = None) -> Convention:
    """One step from squares of 0: those of the gradient are 1 for AdaGrad, a half for RMSProp."""
    own, settings, squares = {
        "adagrad": (torch.optim.Adagrad, {}, 1.0),
        "rmsprop": (torch.optim.RMSprop, {"alpha": HALF}, HALF),
    }[kind]
    make: Any = made or own

    def measure() -> float:
        weight = torch.zeros(1, requires_grad=True)
        weight.grad = torch.ones(1)
        make([weight], lr=1.0, eps=1.0, **settings).step()
        return -float(weight.detach()[0])

    return Convention(
        label=f"torch.optim.{own.__name__}",
        measure=measure,
        gives=epsilon_steps(squares),
        asked=asked,
        takes=make.__init__,
        known=_KNOWN[kind],
    )


def own_conventions(kind: str) -> Mapping[str, Any]:
    """What `Seam.own_conventions` asks for."""
    return {"epsilon_placement": followed(placement(kind, "outside")), "initial": 0.0}


def make(optimizer: Any, parameters: Any) -> Any:
    """The optimizer over `parameters`, None for a description of another. Raises `Unsupported` for the other place of
    epsilon.
    """
    if isinstance(optimizer, neutral.AdaDelta):
        return torch.optim.Adadelta(parameters, lr=optimizer.rate, rho=optimizer.decay, eps=optimizer.epsilon)
    kind = {neutral.AdaGrad: "adagrad", neutral.RMSProp: "rmsprop"}.get(type(optimizer))
    if kind is None:
        return None
    if optimizer.epsilon_placement != own_conventions(kind)["epsilon_placement"]:
        refuse(placement(kind, optimizer.epsilon_placement))
    if kind == "adagrad":
        return torch.optim.Adagrad(
            parameters, lr=optimizer.rate, eps=optimizer.epsilon, initial_accumulator_value=optimizer.initial
        )
    return torch.optim.RMSprop(parameters, lr=optimizer.rate, alpha=optimizer.decay, eps=optimizer.epsilon)
