# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What an accelerator shows: the optimizer's state on it, torch.autocast, and a limit on its memory."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import torch

from fwconformance.frameworks._builds import of_torch
from fwconformance.frameworks._torchdevice import limit_memory
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.pytorch._losses import loss_module
from fwconformance.frameworks.pytorch._model import TorchModel
from fwconformance.frameworks.pytorch._training import optimizer_of


class Accelerator:
    """See `_pieces_device.Accelerator`."""

    def __init__(self, device: Any) -> None:
        self.device = device

    def state(self, trainer: Any) -> Sequence[Any]:
        return [
            value
            for kept in trainer.optimizer.state.values()
            for value in kept.values()
            if torch.is_tensor(value) and value.is_floating_point() and value.dim()
        ]

    def train_mixed(self, training: Training, held_out: Any) -> Mapping[str, Any]:
        """torch.autocast with a GradScaler, as PyTorch's recipe for automatic mixed precision has it."""
        model = TorchModel.build(training.network, training.weights, self.device)
        model.stack.train()
        optimizer, measure = optimizer_of(training.optimizer, model.stack.parameters()), loss_module(training.loss)
        half = torch.float16
        scaler = torch.amp.GradScaler(self.device.type)
        seen: set[str] = set()
        watching = [
            layer.register_forward_hook(lambda _layer, _given, outputs: seen.add(str(outputs.dtype)))
            for layer in model.stack.modules()
            if isinstance(layer, torch.nn.Linear)
        ]
        for inputs, targets in training.batches:
            optimizer.zero_grad()
            with torch.autocast(self.device.type, dtype=half):
                loss = measure(model.stack(model.take(inputs)), model.take(targets))
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        model.stack.eval()
        with torch.no_grad(), torch.autocast(self.device.type, dtype=half):
            outputs = model.stack(model.take(held_out)).float()
        for each in watching:
            each.remove()
        return {"outputs": outputs, "weights": model.weights(), "computed": ", ".join(sorted(seen))}

    def exceed(self, limit: int, size: int, left: Any, right: Any) -> Mapping[str, Any]:
        limit_memory(torch, self.device, limit)
        refused = ""
        try:
            torch.empty(size, dtype=torch.uint8, device=self.device)
        except RuntimeError as error:  # OutOfMemoryError is one; older releases raise it plain
            refused = f"{type(error).__name__}: {error}"
        product = torch.tensor(left, device=self.device) @ torch.tensor(right, device=self.device)
        return {"refused": refused, "product": product}


def piece(name: str, device: Any) -> Any:
    """The piece `name` of `fwconformance.frameworks._pieces_device`."""
    return of_torch(torch) if name == "build" else Accelerator(device)
