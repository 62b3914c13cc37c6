"""Protocols of the pieces that work on several devices or in several processes.

Their methods are called in fresh processes, through `Seam.elsewhere` and `Seam.start`: what `programs` says is started,
and in each of the workers the method runs behind a seam of its own. So an adapter may set up logical devices, process
groups and environment variables as its framework's guides say, before the framework first looks at its devices; what it
needs before it is even imported belongs into the environment of the `Program`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Protocol, Sequence

from fwconformance.frameworks._training import Training

if TYPE_CHECKING:
    from fwconformance.frameworks._remote import Worker
    from fwconformance.processes import Program


class Launched(Protocol):
    """How a piece that runs in workers of its own is started. Both methods run in the parent."""

    def workers(self, devices: int) -> int:
        """How many workers return a result for so many devices: 1 where one process drives them all."""
        ...

    def programs(self, worker: Worker, devices: int) -> Sequence[Program]:
        """What to start, servers and the framework's own launcher included. Ports are chosen free. Workers meet at
        `worker.address`; a piece whose workers can be on hosts of their own says `worker.host` of each program.
        """
        ...


class DataParallel(Launched, Protocol):
    """Pieces "data-parallel" (devices of one host), "multi-process" (processes that meet over sockets),
    "multi-process-fit" (the same through the framework's high-level `fit`) and "sharded-data-parallel" (weights and
    optimizer state sharded between steps, as FSDP and ZeRO do; each replica's weights are then given gathered).
    """

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """One optimizer step a batch, data parallel over `devices`; a mapping for each device that this worker drives.

        - "weights": its replica of every weight after the last step, by neutral name and in the neutral layout, read
          from that device (not one copy handed out several times);
        - "inputs": for each step, the rows of the batch that the device was given, as it had them;
        - "outputs": for each step, the network's outputs for these rows, as the device computed them before the update.

        "sharded-data-parallel" gives also "held": the shard of each weight that the device alone held after the last
        step, in the framework's own layout.

        Every tensor lies on the device that it speaks of.
        """
        ...


class ModelParallel(Launched, Protocol):
    """Piece "model-parallel": weights split over devices, none of which holds them all (tensor parallel)."""

    def train(self, training: Training, devices: int) -> Mapping[str, Any]:
        """One optimizer step a batch.

        - "outputs": of the first batch before any step, whole;
        - "weights": after the last step, whole, neutral layout;
        - "held": for each device that this worker drives, what it alone held of each weight after the last step, in
          the framework's own layout, on that device.
        """
        ...


class Recoverable(Launched, Protocol):
    """Piece "recovery": "multi-process" with a checkpoint after every step, from which a later start goes on."""

    def train(
        self, training: Training, devices: int, folder: str, *, first: int = 0, pause: int = -1
    ) -> Sequence[Mapping[str, Any]]:
        """Steps `first` and later of the training; where `first` is not 0, from the checkpoint in `folder`.

        After each step `n` one worker has written the checkpoint (weights and optimizer state), and each worker writes
        a file ``step-<n>-<rank>`` there holding its process id. Before step `pause` (-1: none) every worker waits until
        a file ``go`` is there. Where a peer is lost, the framework's own error is let out, in bounded time: set its
        time-outs as its guides say. Results as of `DataParallel.train`, without "inputs" and "outputs".
        """
        ...


class Throughput(Launched, Protocol):
    """Piece "throughput": how fast data-parallel training is over so many devices."""

    def seconds(self, training: Training, devices: int) -> Mapping[str, Any]:
        """Wall seconds of each step, synchronised before and after, as decimal strings (repr) in "seconds"; and "loss",
        a tensor, after the last. The caller leaves the first steps out as warming up.
        """
        ...


PARALLEL_PIECES: Mapping[str, Any] = {
    "data-parallel": DataParallel,
    "multi-process": DataParallel,
    "multi-process-fit": DataParallel,
    "sharded-data-parallel": DataParallel,
    "model-parallel": ModelParallel,
    "recovery": Recoverable,
    "throughput": Throughput,
}
