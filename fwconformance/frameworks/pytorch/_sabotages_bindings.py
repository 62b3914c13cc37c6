# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults of PyTorch's bindings: a program that prints its inputs, another TorchScript file, wrong expectations."""

from __future__ import annotations

import copy
from typing import Any, Callable, Sequence

import torch
from torch import nn

from fwconformance.frameworks._binding_faults import OFF, Wrong, ladder, too_large, without_a_step
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.pytorch._bindings import BindingsPiece


def _tracing_perturbed(original: Callable[..., Any]) -> Callable[..., Any]:
    def trace(module: Any, *rest: Any, **named: Any) -> Any:
        changed = copy.deepcopy(module)
        last = [one for one in changed.modules() if isinstance(one, nn.Linear)][-1]
        with torch.no_grad():
            last.weight.mul_(OFF)
        return original(changed, *rest, **named)

    return trace


_WRONGS = (
    Wrong(
        name="torchscript-perturbed",
        rung="inference",
        place=(torch.jit, "trace"),
        make=_tracing_perturbed,
        description="torch.jit.trace is handed a module whose last weights are a hundredth larger.",
    ),
    Wrong(
        name="expected-outputs-wrong",
        rung="saving",
        place=(nn.functional, "linear"),
        make=too_large,
        description="torch.nn.functional.linear, which outputs are held against, gives a hundredth too much.",
    ),
    Wrong(
        name="expected-gradients-wrong",
        rung="gradients",
        place=(nn.functional, "mse_loss"),
        make=too_large,
        description="Python's loss, and with it the gradients that are expected, is a hundredth too large.",
    ),
    Wrong(
        name="expected-losses-wrong",
        rung="training",
        place=(torch.optim.SGD, "step"),
        make=without_a_step,
        description="torch.optim.SGD, which the program's optimizer is held against, does not step.",
    ),
)

BINDING_SABOTAGES: Sequence[Sabotage] = (
    *ladder(BindingsPiece, "cpp", _WRONGS),
    *ladder(BindingsPiece, "python", _WRONGS),
    *ladder(BindingsPiece, "java", _WRONGS, case="community"),
)
