# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The ordinary PyTorch training loop, with torch.optim and torch.save."""

from __future__ import annotations

import pathlib
from typing import Any

import torch

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.pytorch import _optimizers, _refusals
from fwconformance.frameworks.pytorch._losses import loss_module
from fwconformance.frameworks.pytorch._model import TorchModel, working
from fwconformance.frameworks.pytorch._xla import finish

_FILE = "checkpoint.pt"


def optimizer_of(optimizer: neutral.Optimizer, parameters: Any) -> Any:
    """torch.optim's own. Raises `Unsupported` for an Adam that adds epsilon elsewhere than PyTorch's does."""
    if isinstance(optimizer, neutral.SGD):
        return torch.optim.SGD(parameters, lr=optimizer.rate, momentum=optimizer.momentum, nesterov=optimizer.nesterov)
    if isinstance(optimizer, neutral.Adam):
        if optimizer.epsilon_placement != "corrected":
            _refusals.adam_placement(optimizer.epsilon_placement)
        return torch.optim.Adam(
            parameters, lr=optimizer.rate, betas=(optimizer.beta1, optimizer.beta2), eps=optimizer.epsilon
        )
    made = _optimizers.make(optimizer, parameters)
    if made is not None:
        return made
    raise NotAdapted(f"the PyTorch adapter does not know the optimizer {optimizer!r}")


def _place(device: Any) -> Any:
    """Where torch.load puts what it reads. It knows no XLA device: from the CPU, load_state_dict copies it there."""
    return "cpu" if device.type == "xla" else device


class TorchTrainer:
    """`Trainer` of the seam."""

    def __init__(self, model: TorchModel, loss: neutral.Loss, optimizer: neutral.Optimizer) -> None:
        self.model: Any = model
        self._loss = loss_module(loss)
        self.optimizer = optimizer_of(optimizer, [p for p in model.stack.parameters() if p.requires_grad])

    def step(self, inputs: Any, targets: Any) -> Any:
        self.model.stack.train()
        self.optimizer.zero_grad()
        with working(self.model.run):
            loss = self._loss(self.model.run(self.model.take(inputs)), self.model.take(targets))
            loss.backward()
        self.optimizer.step()
        finish(self.model.device)
        return loss.detach()

    def save(self, path: str) -> None:
        torch.save(
            {"model": self.model.stack.state_dict(), "optimizer": self.optimizer.state_dict()},
            str(pathlib.Path(path) / _FILE),
        )

    def load(self, path: str) -> None:
        saved = torch.load(str(pathlib.Path(path) / _FILE), map_location=_place(self.model.device))
        self.model.stack.load_state_dict(saved["model"])
        self.optimizer.load_state_dict(saved["optimizer"])
