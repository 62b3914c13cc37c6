# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Keras on torch on several devices: a process a device, as in Keras' guide to distributed training with PyTorch.

The guide wraps the Keras model in DistributedDataParallel and trains it in a loop of its own. What Keras offers by
itself, `fit` and `keras.distribution`, does not distribute on torch, which is measured (`_refusals_torch`).
"""

from __future__ import annotations

import pathlib
import time
from typing import Any, Callable, Mapping, Sequence

import torch
from torch.nn.parallel import DistributedDataParallel

from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._progress import await_go, report
from fwconformance.frameworks._torchrun import Place, Torchrun, settle, shares
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras import _refusals_torch
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel, make_loss
from fwconformance.frameworks.keras._training import KerasTrainer


class Replica:
    """One worker's replica of a Keras model, wrapped in DistributedDataParallel, with its Keras optimizer.

    Made from `checkpoint`, a folder that `save` wrote to, where one is given.
    """

    def __init__(self, training: Training, backend: Backend, place: Place, checkpoint: str = "") -> None:
        self.model = KerasModel(training.network, backend, place.device, training.weights)
        self._trainer = KerasTrainer(self.model, training.loss, training.optimizer)
        if checkpoint:
            self._trainer.load(checkpoint)
        self._measure = make_loss(training.loss)
        self._optimizer = self.model.native.optimizer
        self._scope = backend.scope
        devices = None if place.device == "cpu" else [torch.device(place.device)]
        self.run = DistributedDataParallel(self.model.native, device_ids=devices)

    def step(self, inputs: Any, targets: Any) -> tuple[Any, Any]:
        """(outputs, loss) of this worker's rows, before the update."""
        trained = self.model.native.trainable_variables
        with self._scope(self.model.device):
            self.run.zero_grad()
            outputs = self.run(inputs, training=True)
            loss = self._measure(targets, outputs)
            loss.backward()
            with torch.no_grad():
                self._optimizer.apply([variable.value.grad for variable in trained], trained)
        return outputs.detach(), loss.detach()

    def save(self, folder: pathlib.Path) -> None:
        """Model and optimizer, as Keras saves them."""
        folder.mkdir()
        self._trainer.save(str(folder))


class _Piece(Torchrun):
    def __init__(self, backend: Backend, device: str) -> None:
        super().__init__(torch, device.partition(":")[0])
        self.backend = backend


class DataParallel(_Piece):
    """A Keras model in DistributedDataParallel."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.DataParallel`."""
        with self.meeting() as place:
            replica = Replica(training, self.backend, place)
            seen: dict[str, list[Any]] = {"inputs": [], "outputs": []}
            for inputs, targets in shares(torch, training, place):
                seen["inputs"].append(inputs)
                seen["outputs"].append(replica.step(inputs, targets)[0])
            return [{"weights": replica.model.weights(), **seen}]


class Recovery(_Piece):
    """The first worker saves a .keras file, optimizer included, and every worker loads it."""

    def train(
        self, training: Training, devices: int, folder: str, *, first: int = 0, pause: int = -1
    ) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.Recoverable`."""
        with self.meeting() as place:
            checkpoint = str(_checkpoint(folder, first - 1)) if first else ""
            replica = Replica(training, self.backend, place, checkpoint)
            for step, (inputs, targets) in enumerate(shares(torch, training, place)):
                if step < first:
                    continue
                if step == pause:
                    await_go(folder)
                replica.step(inputs, targets)
                if place.rank == 0:
                    replica.save(_checkpoint(folder, step))
                torch.distributed.barrier()
                report(folder, step, place.rank)
            return [{"weights": replica.model.weights()}]


class Throughput(_Piece):
    """Each step timed between two moments at which no worker has anything left to do."""

    def seconds(self, training: Training, devices: int) -> Mapping[str, Any]:
        """See `_pieces_parallel.Throughput`. Rows are dealt and moved to their device before the clock starts."""
        with self.meeting() as place:
            replica = Replica(training, self.backend, place)
            found, loss = [], None
            for inputs, targets in list(shares(torch, training, place)):
                settle(torch, place)
                begun = time.perf_counter()
                _, loss = replica.step(inputs, targets)
                settle(torch, place)
                found.append(repr(time.perf_counter() - begun))
            return {"seconds": found, "loss": loss}


class Fit(_Piece):
    """`keras.Model.fit` in processes of one group, each on its share."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.DataParallel`. Raises `Unsupported` where the workers exchange nothing."""
        return self._refuse(_refusals_torch.fit_exchanges, training)

    def _refuse(self, measure: Callable[..., Any], training: Training) -> Any:
        with self.meeting() as place:
            probe = measure(training, self.backend, place)
        # Outside of the meeting, so that no worker is missed by the others.
        return refuse(probe)


class Sharded(Fit):
    """torch's `fully_shard` on a Keras model; Keras has no such thing of its own on torch."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `_pieces_parallel.DataParallel`. Raises `Unsupported` where Keras keeps its weights whole."""
        return self._refuse(_refusals_torch.shards, training)


def _checkpoint(folder: str, step: int) -> pathlib.Path:
    return pathlib.Path(folder) / f"checkpoint-{step}"


def _no_model_parallel(backend: Backend, device: str) -> Any:
    return refuse(_refusals_torch.splits(backend, device))


_PIECES: Mapping[str, Callable[[Backend, str], Any]] = {
    "data-parallel": DataParallel,
    "multi-process": DataParallel,
    "multi-process-fit": Fit,
    "sharded-data-parallel": Sharded,
    "model-parallel": _no_model_parallel,
    "recovery": Recovery,
    "throughput": Throughput,
}


def piece(name: str, backend: Backend, device: str) -> Any:
    """Raises `Unsupported` for what Keras does not distribute on torch."""
    return _PIECES[name](backend, device)
