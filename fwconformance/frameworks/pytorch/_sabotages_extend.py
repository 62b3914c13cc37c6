# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults of PyTorch in what research adds to it: derivatives of derivatives, operators in C++."""

from __future__ import annotations

from typing import Any, Callable, ContextManager, Sequence

import torch

from fwconformance.frameworks._extend_faults import half_curved
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage


def _replacing(name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    return lambda: replaced(torch, name, make)


def _doubled(original: Any) -> Any:
    return lambda *arguments: original(*arguments) * 2


EXTEND_SABOTAGES: Sequence[Sabotage] = (
    Sabotage(
        name="tanh-half-curved",
        kills="extend.higher-order-gradients",
        case="gradient-penalty",
        apply=_replacing("tanh", half_curved(torch.Tensor.detach)),
        description="torch.tanh has half its second derivative, and its right value and slope.",
    ),
    Sabotage(
        name="ceil-floors",
        kills="operators.onnx-coverage",
        case="onnx-operator-set",
        apply=_replacing("ceil", lambda _: torch.floor),
        description="torch.ceil gives what torch.floor does.",
    ),
    Sabotage(
        name="matmul-doubles",
        kills="extend.custom-operator",
        case="gradients",
        apply=_replacing("matmul", _doubled),
        description="torch.matmul gives twice the product that the operator is given.",
    ),
)
