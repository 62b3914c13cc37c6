# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults of Caffe's bindings: a program that prints its inputs, another caffemodel, wrong expectations in Python."""

from __future__ import annotations

import functools
from typing import Any, Callable, Sequence

import caffe

from fwconformance.frameworks._binding_faults import Wrong, ladder, without_a_step
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


_NET, _SOLVER = caffe.Net, caffe.SGDSolver


_WRONGS = (
    Wrong(
        name="caffemodel-perturbed",
        rung="inference",
        place=(_NET, "save"),
        make=_saving_perturbed,
        description="The weights of the last layer are a hundredth larger in the caffemodel that the program loads.",
    ),
    Wrong(
        name="expected-outputs-wrong",
        rung="saving",
        place=(_NET, "forward"),
        make=_forward_off,
        description="What nets give here, which the program's outputs are held against, is a hundredth too large.",
    ),
    Wrong(
        name="expected-gradients-wrong",
        rung="gradients",
        place=(_NET, "backward"),
        make=_backward_off,
        description="The gradients here, which the program's are held against, are a hundredth too large.",
    ),
    Wrong(
        name="expected-losses-wrong",
        rung="training",
        place=(_SOLVER, "step"),
        make=without_a_step,
        description="The solver here, which the program's is held against, does not step.",
    ),
)


def _ladder(language: str, case: str = "official") -> Sequence[Sabotage]:
    """Faults of every rung of one ladder but that of errors, which is red without a fault."""
    return ladder(BindingsPiece, language, _WRONGS, case=case, rungs=RUNGS[:-1])


BINDING_SABOTAGES: Sequence[Sabotage] = (
    *_ladder("cpp"),
    *_ladder("python"),
    *_ladder("octave"),
    *_ladder("octave", "community"),
)
