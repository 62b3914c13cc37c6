"""Several processes that meet over sockets: the first gathers what each has to say, and answers all of them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import time
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, Sequence

import numpy as np

from fwconformance.frameworks._progress import await_go, report
from fwconformance.frameworks._remote import Worker
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.reference._layer import Array, Gradients
from fwconformance.frameworks.reference._parallel import Replica, Sharing
from fwconformance.frameworks.reference._tensor import Tensor
from fwconformance.processes import Program, free_port

#: What a worker is told of its peers: {"rank", "world", "address", "port", "key"}, as JSON.
VARIABLE = "FWCONFORMANCE_REFERENCE_PEERS"
#: Seconds: for all to meet, and for an answer. A peer that is gone closes its connection and is noticed at once.
MEETING = 30.0
PATIENCE = 30.0


class PeerLost(Exception):
    """A process of the group is gone, or does not answer."""


class Peers:
    """One process's place among all, and its connections: rank 0's to each other, theirs to rank 0.

    Attributes:
        rank: of this process. world: how many there are.
    """

    def __init__(self, rank: int, world: int, connections: Mapping[int, Connection]) -> None:
        self.rank = rank
        self.world = world
        self._connections = connections

    def exchange(self, own: Any, combine: Callable[[list[Any]], Any]) -> Any:
        """What `combine` makes in rank 0 of every rank's `own`, in the order of their ranks. Raises PeerLost."""
        if self.rank:
            self._send(0, own)
            return self._receive(0)
        others = range(1, self.world)
        result = combine([own, *(self._receive(rank) for rank in others)])
        for rank in others:
            self._send(rank, result)
        return result

    def gather(self, own: Any) -> list[Any]:
        """Every rank's `own`, in the order of their ranks. Raises PeerLost."""
        found: list[Any] = self.exchange(own, list)
        return found

    def _send(self, rank: int, value: Any) -> None:
        try:
            self._connections[rank].send(value)
        except OSError as error:
            raise self._lost(rank, error) from error

    def _receive(self, rank: int) -> Any:
        connection = self._connections[rank]
        try:
            if not connection.poll(PATIENCE):
                raise PeerLost(f"connection to rank {rank} of {self.world}: nothing came for {PATIENCE:g} s")
            return connection.recv()
        except (EOFError, OSError) as error:
            raise self._lost(rank, error) from error

    def _lost(self, rank: int, error: Exception) -> PeerLost:
        return PeerLost(f"connection to rank {rank} of {self.world} lost: {type(error).__name__}: {error}")


@contextlib.contextmanager
def meeting(told: Mapping[str, Any] | None = None) -> Iterator[Peers]:
    """All connections are there. Raises PeerLost where nobody answers.

    `told` is what `VARIABLE` holds; read from there where it is None.
    """
    told = json.loads(os.environ[VARIABLE]) if told is None else told
    rank, world, key = told["rank"], told["world"], bytes.fromhex(told["key"])
    address = (told["address"], told["port"])
    with contextlib.ExitStack() as stack:
        if rank:
            connection = stack.enter_context(_call(address, key))
            connection.send(rank)
            yield Peers(rank, world, {0: connection})
            return
        # A listener waits as long as it must: where a worker never comes, the limit of the call ends it.
        listener = stack.enter_context(Listener(address, backlog=world, authkey=key))
        connections = {}
        for _ in range(world - 1):
            connection = stack.enter_context(listener.accept())
            connections[connection.recv()] = connection
        yield Peers(rank, world, connections)


def _call(address: tuple[str, int], key: bytes) -> Connection:
    deadline = time.monotonic() + MEETING
    while True:
        try:
            return Client(address, authkey=key)
        except ConnectionRefusedError as error:
            if time.monotonic() > deadline:
                raise PeerLost(f"connection to rank 0 refused for {MEETING:g} s") from error
            time.sleep(0.02)


class ManyProcesses:
    """`Launched`: one worker a device."""

    def workers(self, devices: int) -> int:
        """One a device."""
        return devices

    def programs(self, worker: Worker, devices: int) -> Sequence[Program]:
        """The workers, each told its rank and where they meet."""
        place = {"address": worker.address(0), "port": free_port()}
        common = {"world": devices, **place, "key": secrets.token_hex(16)}
        return [
            Program(
                name=f"worker {rank}",
                command=worker.command(str(rank)),
                environment={VARIABLE: json.dumps({**common, "rank": rank})},
                host=worker.host(rank),
            )
            for rank in range(devices)
        ]


class SharedSteps(ManyProcesses):
    """A replica a process, gradients reduced by rank 0."""

    sharing: Any = Sharing

    def step(self, replica: Replica, peers: Peers, inputs: Array, targets: Array) -> None:
        """One step on this process's rows of a whole batch."""
        rules = self.sharing()
        mine = rules.places(len(inputs), peers.rank, peers.world)
        replica.update(self.reduced(peers, rules, replica.differentiate(inputs[mine], targets[mine])))

    def reduced(self, peers: Peers, rules: Sharing, own: Gradients) -> Gradients:
        """The mean of every process's `own` gradients."""
        found: Gradients = peers.exchange(own, rules.reduce)
        return found


class MultiProcess(SharedSteps):
    """Piece "multi-process": a loop of the user's."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `fwconformance.frameworks.DataParallel`."""
        with meeting() as peers:
            replica = Replica(training, "cpu")
            for inputs, targets in training.batches:
                self.step(replica, peers, inputs, targets)
            return [replica.told()]


class MultiProcessFit(SharedSteps):
    """Piece "multi-process-fit": the user hands over one data set and the size of a batch, and writes no loop."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `fwconformance.frameworks.DataParallel`."""
        inputs, targets = (np.concatenate([batch[side] for batch in training.batches]) for side in (0, 1))
        with meeting() as peers:
            replica = Replica(training, "cpu")
            self.fit(replica, peers, inputs, targets, batch_size=len(training.batches[0][0]))
            return [replica.told()]

    def fit(self, replica: Replica, peers: Peers, inputs: Array, targets: Array, *, batch_size: int) -> None:
        """One pass over all rows, in order; `batch_size` rows over all processes together make a step."""
        for start in range(0, len(inputs), batch_size):
            rows = slice(start, start + batch_size)
            self.step(replica, peers, inputs[rows], targets[rows])


class Sharded(SharedSteps):
    """Piece "sharded-data-parallel": between steps each process keeps its part of every weight and of the optimizer's
    state, as in ZeRO's third stage (Rajbhandari and others, 2020).
    """

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `fwconformance.frameworks.DataParallel`."""
        with meeting() as peers:
            replica, rules = Replica(training, "cpu"), self.sharing()
            arrays = replica.trainer.model.arrays()
            held = {name: self.part(value, peers) for name, value in arrays.items()}
            for inputs, targets in training.batches:
                self.load(arrays, peers.gather(held))
                mine = rules.places(len(inputs), peers.rank, peers.world)
                reduced = self.reduced(peers, rules, replica.differentiate(inputs[mine], targets[mine]))
                for value in arrays.values():
                    value[...] = np.nan  # what others hold is not looked at until it is gathered again
                replica.trainer.optimizer.apply(held, {name: self.part(each, peers) for name, each in reduced.items()})
            self.load(arrays, peers.gather(held))
            return [{**replica.told(), "held": {name: Tensor(value.copy()) for name, value in held.items()}}]

    def part(self, value: Array, peers: Peers) -> Array:
        """This process's part of a weight's values, in row-major order."""
        return np.array_split(value.ravel(), peers.world)[peers.rank].copy()

    def load(self, arrays: Mapping[str, Array], parts: Sequence[Mapping[str, Array]]) -> None:
        """Put whole weights together of all parts."""
        for name, value in arrays.items():
            value[...] = np.concatenate([each[name] for each in parts]).reshape(value.shape)


class Recovery(SharedSteps):
    """Piece "recovery": rank 0 saves after each step, and every process loads what it saved."""

    def train(
        self, training: Training, devices: int, folder: str, *, first: int = 0, pause: int = -1
    ) -> Sequence[Mapping[str, Any]]:
        """See `fwconformance.frameworks.Recoverable`."""
        with meeting() as peers:
            replica = Replica(training, "cpu")
            if first:
                self.load(replica, str(_checkpoint(folder, first - 1)))
            for step, (inputs, targets) in enumerate(training.batches):
                if step < first:
                    continue
                if step == pause:
                    await_go(folder)
                self.step(replica, peers, inputs, targets)
                if peers.rank == 0:
                    path = _checkpoint(folder, step)
                    path.mkdir()
                    replica.trainer.save(str(path))
                self.wait_for_all(peers)
                report(folder, step, peers.rank)
            return [{"weights": replica.weights()}]

    def wait_for_all(self, peers: Peers) -> None:
        """Until every process is here: the checkpoint is whole."""
        peers.gather(None)

    def load(self, replica: Replica, path: str) -> None:
        """Weights and the optimizer's state."""
        replica.trainer.load(path)


def _checkpoint(folder: str, step: int) -> Path:
    return Path(folder) / f"checkpoint-{step}"


PIECES: Mapping[str, Any] = {
    "multi-process": MultiProcess,
    "multi-process-fit": MultiProcessFit,
    "sharded-data-parallel": Sharded,
    "recovery": Recovery,
}
