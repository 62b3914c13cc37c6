# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults of Caffe's bindings: a program that prints its inputs, another caffemodel, wrong expectations in Python."""

from __future__ import annotations

import contextlib
import functools
from typing import Any, Callable, Iterator, Sequence

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


def _sabotage(name: str, rung: str, place: tuple[Any, str], make: Callable[[Any], Any], description: str) -> Sabotage:
    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        with replaced(*place, make):
            yield

    return Sabotage(name=name, kills=f"binding.cpp.{rung}", case="official", apply=apply, description=description)


_NET, _SOLVER = caffe.Net, caffe.SGDSolver

BINDING_SABOTAGES: Sequence[Sabotage] = (
    # The rung of errors is red without a fault.
    *parrots(BindingsPiece, "cpp", rungs=RUNGS[:-1]),
    _sabotage(
        "cpp-caffemodel-perturbed",
        "inference",
        (_NET, "save"),
        _saving_perturbed,
        "The weights of the last layer are a hundredth larger in the caffemodel that C++ loads.",
    ),
    _sabotage(
        "cpp-expected-outputs-wrong",
        "saving",
        (_NET, "forward"),
        _forward_off,
        "What nets give in Python, which the C++ program's outputs are held against, is a hundredth too large.",
    ),
    _sabotage(
        "cpp-expected-gradients-wrong",
        "gradients",
        (_NET, "backward"),
        _backward_off,
        "Python's gradients, which the C++ program's are held against, are a hundredth too large.",
    ),
    _sabotage(
        "cpp-expected-losses-wrong",
        "training",
        (_SOLVER, "step"),
        _no_step,
        "Python's solver, which the C++ program's is held against, does not step.",
    ),
)
