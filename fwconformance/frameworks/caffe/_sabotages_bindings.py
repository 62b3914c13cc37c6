# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults of Caffe's bindings: a program that prints its inputs, another caffemodel, wrong expectations in Python."""

from __future__ import annotations

import functools
from typing import Any, Callable, Sequence

import caffe

from fwconformance.frameworks._binding_faults import parrots
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._pieces_bindings import RUNGS
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.caffe._bindings import BindingsPiece

_OFF = 1.01


def _saving_perturbed(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def save(self: Any, *rest: Any) -> Any:
        last = next(iter(reversed(self.params.values())))[0]
        before = last.data.copy()
        last.data[...] *= _OFF
        try:
            return original(self, *rest)
        finally:
            last.data[...] = before

    return save


def _forward_off(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def forward(self: Any, *rest: Any, **named: Any) -> Any:
        found = original(self, *rest, **named)
        for name in self.outputs:
            self.blobs[name].data[...] *= _OFF
        return found

    return forward


def _backward_off(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def backward(self: Any, *rest: Any, **named: Any) -> Any:
        found = original(self, *rest, **named)
        for blobs in self.params.values():
            for blob in blobs:
                blob.diff[...] *= _OFF
        return found

    return backward


def _no_step(original: Callable[..., Any]) -> Callable[..., Any]:
    def step(self: Any, count: int) -> None:
        return None

    return step


_NET, _SOLVER = caffe.Net, caffe.SGDSolver


def _ladder(language: str) -> Sequence[Sabotage]:
    """Faults of every rung of one ladder but that of errors, which is red without a fault."""

    def wrong(name: str, rung: str, place: tuple[Any, str], make: Callable[[Any], Any], description: str) -> Sabotage:
        return Sabotage(
            name=f"{language}-{name}",
            kills=f"binding.{language}.{rung}",
            case="official",
            apply=lambda: replaced(*place, make),
            description=description,
        )

    return (
        *parrots(BindingsPiece, language, rungs=RUNGS[:-1]),
        wrong(
            "caffemodel-perturbed",
            "inference",
            (_NET, "save"),
            _saving_perturbed,
            "The weights of the last layer are a hundredth larger in the caffemodel that the program loads.",
        ),
        wrong(
            "expected-outputs-wrong",
            "saving",
            (_NET, "forward"),
            _forward_off,
            "What nets give here, which the program's outputs are held against, is a hundredth too large.",
        ),
        wrong(
            "expected-gradients-wrong",
            "gradients",
            (_NET, "backward"),
            _backward_off,
            "The gradients here, which the program's are held against, are a hundredth too large.",
        ),
        wrong(
            "expected-losses-wrong",
            "training",
            (_SOLVER, "step"),
            _no_step,
            "The solver here, which the program's is held against, does not step.",
        ),
    )


BINDING_SABOTAGES: Sequence[Sabotage] = (*_ladder("cpp"), *_ladder("python"))
