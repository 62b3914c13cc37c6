# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Training on several devices: a process a device, started by torchrun, that meet through torch.distributed."""

from __future__ import annotations

import importlib
import pathlib
import time
from typing import Any, Callable, Mapping, Sequence

import torch
from torch.nn.parallel import DistributedDataParallel

from fwconformance.frameworks._probes import Lookup, Refusal, refuse
from fwconformance.frameworks._progress import await_go, report
from fwconformance.frameworks._torchrun import Place, Torchrun, settle, shares
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.pytorch._losses import loss_module
from fwconformance.frameworks.pytorch._model import TorchModel, working
from fwconformance.frameworks.pytorch._training import optimizer_of


class Replica:
    """One worker's replica of a model, wrapped in DistributedDataParallel, with its optimizer."""

    def __init__(self, training: Training, place: Place) -> None:
        self.model = TorchModel.build(training.network, training.weights, torch.device(place.device))
        self.model.stack.train()
        devices = None if place.device == "cpu" else [self.model.device]
        self.run = DistributedDataParallel(self.model.stack, device_ids=devices)
        self.optimizer = optimizer_of(training.optimizer, [p for p in self.run.parameters() if p.requires_grad])
        self._measure = loss_module(training.loss)

    def step(self, inputs: Any, targets: Any) -> tuple[Any, Any]:
        """(outputs, loss) of this worker's rows, before the update."""
        self.optimizer.zero_grad()
        with working(self.model.run):
            outputs = self.run(inputs)
            loss = self._measure(outputs, targets)
            loss.backward()
        self.optimizer.step()
        return outputs.detach(), loss.detach()


class Piece(Torchrun):
    """Of this adapter: `device` says the kind alone, each worker takes the one of its number."""

    def __init__(self, device: Any) -> None:
        super().__init__(torch, device.type)


class DataParallel(Piece):
    """DistributedDataParallel."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.DataParallel`."""
        with self.meeting() as place:
            replica = Replica(training, place)
            seen: dict[str, list[Any]] = {"inputs": [], "outputs": []}
            for inputs, targets in shares(torch, training, place):
                seen["inputs"].append(inputs)
                seen["outputs"].append(replica.step(inputs, targets)[0])
            return [{"weights": replica.model.weights(), **seen}]


class Recovery(Piece):
    """DistributedDataParallel; the first worker saves with torch.save, and every worker loads what it saved."""

    def train(
        self, training: Training, devices: int, folder: str, *, first: int = 0, pause: int = -1
    ) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.Recoverable`."""
        with self.meeting() as place:
            replica = Replica(training, place)
            if first:
                saved = torch.load(str(_checkpoint(folder, first - 1)), map_location=place.device)
                replica.run.load_state_dict(saved["model"])
                replica.optimizer.load_state_dict(saved["optimizer"])
            for step, (inputs, targets) in enumerate(shares(torch, training, place)):
                if step < first:
                    continue
                if step == pause:
                    await_go(folder)
                replica.step(inputs, targets)
                if place.rank == 0:
                    states = {"model": replica.run.state_dict(), "optimizer": replica.optimizer.state_dict()}
                    torch.save(states, str(_checkpoint(folder, step)))
                torch.distributed.barrier()
                report(folder, step, place.rank)
            return [{"weights": replica.model.weights()}]


class Throughput(Piece):
    """DistributedDataParallel, each step timed between two moments at which no worker has anything left to do."""

    def seconds(self, training: Training, devices: int) -> Mapping[str, Any]:
        """See `_pieces_parallel.Throughput`. Rows are dealt and moved to their device before the clock starts."""
        with self.meeting() as place:
            replica = Replica(training, place)
            found, loss = [], None
            for inputs, targets in list(shares(torch, training, place)):
                settle(torch, place)
                begun = time.perf_counter()
                _, loss = replica.step(inputs, targets)
                settle(torch, place)
                found.append(repr(time.perf_counter() - begun))
            return {"seconds": found, "loss": loss}


def _checkpoint(folder: str, step: int) -> pathlib.Path:
    return pathlib.Path(folder) / f"checkpoint-{step}.pt"


def no_fit(device: Any, root: Any = torch) -> Any:
    """Refuses: PyTorch leaves the training loop to its users. Raises `Unsupported` or NotAdapted."""
    refuse(
        Lookup(
            root=root,
            label=f"{root.__name__}, whose users write the training loop themselves,",
            names=("fit", "nn.Module.fit", "nn.parallel.DistributedDataParallel.fit", "optim.Optimizer.fit"),
        )
    )


def _needs(module: str, *names: str) -> None:
    """Refuses where this version of PyTorch has none of `names` in `module`. Where it has only older ways than the
    first of them, that is our gap. Raises `Unsupported` or NotAdapted.
    """
    try:
        place = importlib.import_module(module)
    except ImportError:
        refuse(Refusal(call=lambda: importlib.import_module(module), label=f"import {module}", error=ImportError))
    if not hasattr(place, names[0]):
        refuse(Lookup(root=place, label=module, names=names))


def _sharded(device: Any) -> Any:
    _needs("torch.distributed.fsdp", "fully_shard", "FullyShardedDataParallel")
    from fwconformance.frameworks.pytorch._parallel_sharded import ShardedDataParallel

    return ShardedDataParallel(device)


def _tensor_parallel(device: Any) -> Any:
    _needs("torch.distributed.tensor.parallel", "parallelize_module")
    from fwconformance.frameworks.pytorch._parallel_model import ModelParallel

    return ModelParallel(device)


_PIECES: Mapping[str, Callable[[Any], Any]] = {
    "data-parallel": DataParallel,
    "multi-process": DataParallel,
    "multi-process-fit": no_fit,
    "sharded-data-parallel": _sharded,
    "model-parallel": _tensor_parallel,
    "recovery": Recovery,
    "throughput": Throughput,
}


def piece(name: str, device: Any) -> Any:
    """Raises `Unsupported` for what PyTorch leaves to its users, or lacks in this version."""
    return _PIECES[name](device)
