# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults of MXNet's bindings: a program that prints its inputs, another parameter file, wrong expectations."""

from __future__ import annotations

from typing import Any, Callable, Sequence

import mxnet
from mxnet import gluon

from fwconformance.frameworks._binding_faults import OFF, Wrong, ladder, too_large, without_a_step
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.mxnet._bindings import BindingsPiece


def _saving_perturbed(original: Callable[..., Any]) -> Callable[..., Any]:
    def save(path: str, arrays: Any) -> Any:
        last = [name for name in arrays if "dense" in name and name.endswith("weight")][-1]
        return original(path, {**arrays, last: arrays[last] * OFF})

    return save


_WRONGS = (
    Wrong(
        name="parameters-perturbed",
        rung="inference",
        place=(mxnet.nd, "save"),
        make=_saving_perturbed,
        description="The last weights are a hundredth larger in the parameter file that the program loads.",
    ),
    Wrong(
        name="expected-outputs-wrong",
        rung="saving",
        place=(mxnet.nd, "dot"),
        make=too_large,
        description="mxnet.nd.dot, which the program's outputs are held against, gives a hundredth too much.",
    ),
    Wrong(
        name="expected-gradients-wrong",
        rung="gradients",
        place=(gluon.loss.L2Loss, "hybrid_forward"),
        make=too_large,
        description="Python's loss, and with it the gradients that are expected, is a hundredth too large.",
    ),
    Wrong(
        name="expected-losses-wrong",
        rung="training",
        place=(gluon.Trainer, "step"),
        make=without_a_step,
        description="gluon.Trainer, which the program's optimizer is held against, does not step.",
    ),
)
_LANGUAGES = ("java", "scala", "clojure", "julia", "r", "perl")

BINDING_SABOTAGES: Sequence[Sabotage] = (
    *ladder(BindingsPiece, "c", _WRONGS),
    *ladder(BindingsPiece, "cpp", _WRONGS),
    *ladder(BindingsPiece, "python", _WRONGS),
    *(
        sabotage
        for language in _LANGUAGES
        for case in ("official", "community")
        for sabotage in ladder(BindingsPiece, language, _WRONGS, case=case)
    ),
)
