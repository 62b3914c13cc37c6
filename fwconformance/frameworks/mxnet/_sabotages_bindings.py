# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults of MXNet's bindings: a program that prints its inputs, another parameter file, wrong expectations."""

from __future__ import annotations

from typing import Any, Callable, Sequence

import mxnet
from mxnet import gluon

from fwconformance.frameworks._binding_faults import parrots
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.mxnet._bindings import BindingsPiece

_OFF = 1.01


def _off(original: Callable[..., Any]) -> Callable[..., Any]:
    def off(*arguments: Any, **named: Any) -> Any:
        return original(*arguments, **named) * _OFF

    return off


def _saving_perturbed(original: Callable[..., Any]) -> Callable[..., Any]:
    def save(path: str, arrays: Any) -> Any:
        last = [name for name in arrays if "dense" in name and name.endswith("weight")][-1]
        return original(path, {**arrays, last: arrays[last] * _OFF})

    return save


def _no_step(original: Callable[..., Any]) -> Callable[..., Any]:
    def step(self: Any, *arguments: Any, **named: Any) -> None:
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
            "parameters-perturbed",
            "inference",
            (mxnet.nd, "save"),
            _saving_perturbed,
            "The last weights are a hundredth larger in the parameter file that the program loads.",
        ),
        wrong(
            "expected-outputs-wrong",
            "saving",
            (mxnet.nd, "dot"),
            _off,
            "mxnet.nd.dot, which the program's outputs are held against, gives a hundredth too much.",
        ),
        wrong(
            "expected-gradients-wrong",
            "gradients",
            (gluon.loss.L2Loss, "hybrid_forward"),
            _off,
            "Python's loss, and with it the gradients that the program's are held against, is a hundredth too large.",
        ),
        wrong(
            "expected-losses-wrong",
            "training",
            (gluon.Trainer, "step"),
            _no_step,
            "gluon.Trainer, which the program's optimizer is held against, does not step.",
        ),
    )


BINDING_SABOTAGES: Sequence[Sabotage] = (
    *_ladder("cpp", "official"),
    *_ladder("python", "official"),
    *_ladder("java", "community"),
)
