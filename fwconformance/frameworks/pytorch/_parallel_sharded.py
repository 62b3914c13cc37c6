# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Weights, gradients and optimizer state sharded over data-parallel workers: FSDP2's `fully_shard`."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import torch
from torch.distributed import fsdp
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import DTensor

from fwconformance.frameworks._torchrun import shares
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.pytorch._losses import loss_module
from fwconformance.frameworks.pytorch._model import TorchModel, working
from fwconformance.frameworks.pytorch._parallel import Piece
from fwconformance.frameworks.pytorch._training import optimizer_of


class ShardedDataParallel(Piece):
    """Each part with weights is a shard group of its own, as the guide does with the blocks of a transformer."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.DataParallel`; "weights" gathered by `full_tensor`. Also "held": this worker's own
        shard of every trained parameter after the last step, by PyTorch's name and in PyTorch's layout.
        """
        with self.meeting() as place:
            mesh = init_device_mesh(self._kind, (place.world,))
            model = TorchModel.build(training.network, training.weights, torch.device(place.device))
            for part in model.stack.parts:
                if any(True for _ in part.parameters()):
                    fsdp.fully_shard(part, mesh=mesh)
            fsdp.fully_shard(model.stack, mesh=mesh)
            model.stack.train()
            optimizer = optimizer_of(training.optimizer, [p for p in model.stack.parameters() if p.requires_grad])
            measure = loss_module(training.loss)
            seen: dict[str, list[Any]] = {"inputs": [], "outputs": []}
            for inputs, targets in shares(torch, training, place):
                optimizer.zero_grad()
                with working(model.run):
                    outputs = model.run(inputs)
                    measure(outputs, targets).backward()
                optimizer.step()
                seen["inputs"].append(inputs)
                seen["outputs"].append(outputs.detach())
            return [{"weights": whole(model), "held": held(model), **seen}]


def whole(model: TorchModel) -> Mapping[str, Any]:
    """Every weight gathered from all workers, by neutral name. All of them must call it."""
    found = {}
    for name, value in model.weights().items():
        gathered = value.full_tensor() if isinstance(value, DTensor) else value
        found[name] = gathered.detach().clone()
    return found


def held(model: TorchModel) -> Mapping[str, Any]:
    """What this worker alone holds of each parameter, by PyTorch's name."""
    return {
        name: (value.to_local() if isinstance(value, DTensor) else value).detach().clone()
        for name, value in model.stack.named_parameters()
    }
