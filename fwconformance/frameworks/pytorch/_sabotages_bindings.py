# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults of PyTorch's bindings: a program that prints its inputs, another TorchScript file, wrong expectations."""

from __future__ import annotations

import copy
from typing import Any, Callable, Sequence

import torch
from torch import nn

from fwconformance.frameworks._binding_faults import parrots
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.pytorch._bindings import BindingsPiece

_OFF = 1.01


def _tracing_perturbed(original: Callable[..., Any]) -> Callable[..., Any]:
    def trace(module: Any, *rest: Any, **named: Any) -> Any:
        changed = copy.deepcopy(module)
        last = [one for one in changed.modules() if isinstance(one, nn.Linear)][-1]
        with torch.no_grad():
            last.weight.mul_(_OFF)
        return original(changed, *rest, **named)

    return trace


def _off(original: Callable[..., Any]) -> Callable[..., Any]:
    def off(*rest: Any, **named: Any) -> Any:
        return original(*rest, **named) * _OFF

    return off


def _no_step(original: Callable[..., Any]) -> Callable[..., Any]:
    def step(self: Any, *rest: Any) -> None:
        return None

    return step


def _ladder(language: str, case: str) -> Sequence[Sabotage]:
    """Faults of every rung of one ladder."""

    def wrong(name: str, rung: str, place: tuple[Any, str], make: Callable[[Any], Any], description: str) -> Sabotage:
        return Sabotage(
            name=f"{language}-{name}",
            kills=f"binding.{language}.{rung}",
            case=case,
            apply=lambda: replaced(*place, make),
            description=description,
        )

    return (
        *parrots(BindingsPiece, language, case=case),
        wrong(
            "torchscript-perturbed",
            "inference",
            (torch.jit, "trace"),
            _tracing_perturbed,
            "torch.jit.trace is handed a module whose last weights are a hundredth larger.",
        ),
        wrong(
            "expected-outputs-wrong",
            "saving",
            (nn.functional, "linear"),
            _off,
            "torch.nn.functional.linear, which the program's outputs are held against, gives a hundredth too much.",
        ),
        wrong(
            "expected-gradients-wrong",
            "gradients",
            (nn.functional, "mse_loss"),
            _off,
            "Python's loss, and with it the gradients that the program's are held against, is a hundredth too large.",
        ),
        wrong(
            "expected-losses-wrong",
            "training",
            (torch.optim.SGD, "step"),
            _no_step,
            "torch.optim.SGD, which the program's optimizer is held against, does not step.",
        ),
    )


BINDING_SABOTAGES: Sequence[Sabotage] = (
    *_ladder("cpp", "official"),
    *_ladder("python", "official"),
    *_ladder("java", "community"),
)
