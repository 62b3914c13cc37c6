# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in torch for training on accelerators: in the step itself, and in what torchax makes a program of."""

from __future__ import annotations

import functools
from typing import Any, Callable, ContextManager, Sequence

import torch

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage


def _no_step(original: Any) -> Any:
    @functools.wraps(original)
    def step(self: Any, *rest: Any, **named: Any) -> None:
        return None

    return step


def _half_a_batch(original: Any) -> Any:
    """The loss is of the first half of the rows alone."""

    @functools.wraps(original)
    def forward(self: Any, outputs: Any, targets: Any) -> Any:
        rows = len(targets) // 2
        return original(self, outputs[:rows], targets[:rows])

    return forward


def _scaled(original: Any) -> Any:
    def call(*arguments: Any, **named: Any) -> Any:
        return original(*arguments, **named) * 1.05

    return call


def _replacing(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    return lambda: replaced(owner, name, make)


DEVICE_SABOTAGES: Sequence[Sabotage] = (
    Sabotage(
        name="step-left-out",
        kills="device.gpu-training",
        case="train-step",
        apply=_replacing(torch.optim.SGD, "step", _no_step),
        description="torch.optim.SGD leaves the weights as they are.",
    ),
    Sabotage(
        name="half-the-batch",
        kills="device.tpu-training",
        case="train-step",
        apply=_replacing(torch.nn.CrossEntropyLoss, "forward", _half_a_batch),
        description="nn.CrossEntropyLoss sees the first half of the batch.",
    ),
    Sabotage(
        name="program-scales",
        kills="device.tpu-training",
        case="second-topology",
        # Looked up when planted: torch.func came with 2.0.
        apply=lambda: replaced(torch.func, "functional_call", _scaled),
        description="torch.func.functional_call gives 1.05 times the outputs, so the program alone is off.",
    ),
)
