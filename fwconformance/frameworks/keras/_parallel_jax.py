# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Several devices and several processes of Keras on JAX, by `keras.distribution`."""

from __future__ import annotations

import os
import pathlib
import tempfile
import time
from typing import TYPE_CHECKING, Any, Callable, Mapping, Sequence

import jax
import keras
import numpy as np

from fwconformance.frameworks._progress import await_go, report
from fwconformance.frameworks._protocol import Tensor, Unavailable
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._backends._jax import JOIN
from fwconformance.frameworks.keras._model import KerasModel, make_loss
from fwconformance.frameworks.keras._training import make_optimizer
from fwconformance.processes import Program, free_port

if TYPE_CHECKING:
    from fwconformance.frameworks._remote import Worker

#: Keras' and JAX's word for a kind of device.
PLATFORMS = {"cpu": "cpu", "cuda": "gpu", "tpu": "tpu"}


class Recorded(keras.Model):
    """A functional model whose `train_step` also gives the batch and the outputs for it, as the devices hold them."""

    train_function: Any

    def train_step(self, state: Any, data: Any) -> Any:
        inputs, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        # One program with Keras' own step, which computes the same: XLA does it once.
        outputs, _ = self.stateless_call(state[0], state[1], inputs, training=True)
        logs, state = super().train_step(state, data)
        return {**logs, "inputs": inputs, "outputs": outputs}, state

    def make_train_function(self, force: bool = False) -> None:
        """Keep what the step gives while it is still on the devices."""
        made = self.train_function
        super().make_train_function(force)
        run = self.train_function
        if run is made:  # made before, and kept
            return
        self.steps: list[tuple[Any, Any]] = []

        def keep(state: Any, batches: Any) -> Any:
            logs, state = run(state, batches)
            self.steps.append((logs.pop("inputs"), logs.pop("outputs")))
            return logs, state

        self.train_function = keep


class Replicas:
    """A model made under a distribution, and its optimizer. `kind` of `Model` that is compiled."""

    def __init__(self, training: Training, backend: Backend, device: str, kind: Any = keras.Model) -> None:
        self._training = training
        self.model = KerasModel(training.network, backend, device, training.weights)
        self.native = kind(self.model.native.input, self.model.native.output)
        self.native.compile(optimizer=make_optimizer(training.optimizer), loss=make_loss(training.loss))

    def batches(self, rank: int = 0, processes: int = 1) -> list[tuple[Any, Any]]:
        """What this process is to give Keras of each batch: of several processes each gives its own rows."""
        integers = self._training.network.integer_input, self._training.loss.kind == "cross-entropy"
        kinds = ["int32" if ids else "float32" for ids in integers]
        size = len(self._training.batches[0][0])
        if any(len(inputs) != size for inputs, _ in self._training.batches) or size % processes:
            raise ValueError(f"the batches are not dealt evenly to {processes} processes")
        rows = slice(rank * size // processes, (rank + 1) * size // processes)
        return [
            tuple(np.asarray(batch[side], kinds[side])[rows] for side in (0, 1)) for batch in self._training.batches
        ]

    def fit(self, rank: int, processes: int, *callbacks: Any) -> None:
        """`fit` over all batches, one epoch, in order."""
        batches = self.batches(rank, processes)
        inputs, targets = (np.concatenate([batch[side] for batch in batches]) for side in (0, 1))
        size = len(batches[0][0])
        self.native.fit(inputs, targets, batch_size=size, shuffle=False, verbose=0, callbacks=list(callbacks))

    def weights(self) -> list[Mapping[str, Tensor]]:
        """Each device's own, for devices of this process that have any."""
        having = len(pieces(self.model.native.weights[0].value))
        return [self.model.read(lambda variable, n=n: pieces(variable.value)[n]) for n in range(having)]

    def results(self, gathered: Sequence[Mapping[str, Tensor]] = ()) -> list[dict[str, Any]]:
        """As of `DataParallel.train` of the protocol, of a `Recorded` that was trained. `gathered`: each device's
        weights, where they are split.
        """
        steps = [(pieces(inputs), pieces(outputs)) for inputs, outputs in self.native.steps]
        return [
            {
                "weights": weights,
                "inputs": [inputs[number] for inputs, _ in steps],
                "outputs": [outputs[number] for _, outputs in steps],
            }
            for number, weights in enumerate(gathered or self.weights())
        ]


class OneProcess:
    """`Launched`: one worker drives all devices, on a CPU virtual ones."""

    def __init__(self, backend: Backend, device: str) -> None:
        self.backend = backend
        self.device = device
        self.kind = device.partition(":")[0]

    def workers(self, devices: int) -> int:
        """One."""
        return 1

    def programs(self, worker: Worker, devices: int) -> Sequence[Program]:
        """Raises Unavailable where there are fewer devices than that."""
        require(self.kind, devices)
        return [Program(name="worker", command=worker.command("0"), environment=environment(self.kind, devices))]

    def data_parallel(self, devices: int) -> None:
        """Distribute all that is made from now on over that many devices."""
        names = keras.distribution.list_devices(PLATFORMS[self.kind])[:devices]
        keras.distribution.set_distribution(keras.distribution.DataParallel(devices=names))


class ManyProcesses:
    """`Launched`: one worker a device, which join each other as `keras.distribution.initialize` says."""

    def __init__(self, backend: Backend, device: str) -> None:
        self.backend = backend
        self.device = device
        self.kind = device.partition(":")[0]

    def workers(self, devices: int) -> int:
        """One a device."""
        return devices

    def programs(self, worker: Worker, devices: int) -> Sequence[Program]:
        """Raises Unavailable where there are fewer devices than that."""
        require(self.kind, devices)
        if self.kind == "tpu":
            raise Unavailable("a process a TPU core is not how JAX drives one host: use the pieces of one process")
        address = f"{worker.address(0)}:{free_port()}"
        return [
            Program(
                name=f"worker {rank}",
                command=worker.command(str(rank)),
                environment={
                    **environment(self.kind, 1),
                    **({"CUDA_VISIBLE_DEVICES": str(rank)} if self.kind == "cuda" else {}),
                    JOIN: "1",
                    "JAX_CPU_COLLECTIVES_IMPLEMENTATION": "gloo",
                    "KERAS_DISTRIBUTION_JOB_ADDRESSES": address,
                    "KERAS_DISTRIBUTION_NUM_PROCESSES": str(devices),
                    "KERAS_DISTRIBUTION_PROCESS_ID": str(rank),
                },
                host=worker.host(rank),
            )
            for rank in range(devices)
        ]

    def data_parallel(self) -> tuple[int, int]:
        """Distribute all that is made from now on over all processes. Gives (number of this one, how many)."""
        names = keras.distribution.list_devices(PLATFORMS[self.kind])
        distribution = keras.distribution.DataParallel(devices=names, auto_shard_dataset=False)
        keras.distribution.set_distribution(distribution)
        return jax.process_index(), jax.process_count()


class DataParallel(OneProcess):
    """`keras.distribution.DataParallel` and `fit`."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        self.data_parallel(devices)
        replicas = Replicas(training, self.backend, self.device, Recorded)
        replicas.fit(0, 1)
        return replicas.results()


class MultiProcess(ManyProcesses):
    """`keras.distribution.DataParallel` over processes, and `train_on_batch`."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        rank, processes = self.data_parallel()
        replicas = Replicas(training, self.backend, self.device, Recorded)
        for inputs, targets in replicas.batches(rank, processes):
            replicas.native.train_on_batch(inputs, targets)
        return replicas.results()


class MultiProcessFit(ManyProcesses):
    """`keras.distribution.DataParallel` over processes, and `fit`."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        rank, processes = self.data_parallel()
        replicas = Replicas(training, self.backend, self.device, Recorded)
        replicas.fit(rank, processes)
        return replicas.results()


class Recovery(ManyProcesses):
    """`keras.Model.save` and `keras.saving.load_model`, by all processes: saving reads what lies on all, and one
    that does so alone waits for the others. All but the first save where nobody looks.
    """

    def train(
        self,
        training: Training,
        devices: int,
        folder: str,
        *,
        first: int = 0,
        pause: int = -1,
    ) -> Sequence[Mapping[str, Any]]:
        rank, processes = self.data_parallel()
        replicas = Replicas(training, self.backend, self.device)
        if first:
            replicas.native = keras.saving.load_model(_checkpoint(folder, first - 1))
            replicas.model.adopt(replicas.native)
        with tempfile.TemporaryDirectory() as elsewhere:
            for step, (inputs, targets) in enumerate(replicas.batches(rank, processes)):
                if step < first:
                    continue
                if step == pause:
                    await_go(folder)
                replicas.native.train_on_batch(inputs, targets)
                replicas.native.save(_checkpoint(elsewhere if rank else folder, step))
                report(folder, step, rank)
        return [{"weights": weights} for weights in replicas.weights()]


class Throughput(OneProcess):
    """`keras.distribution.DataParallel` and `train_on_batch`, which reads the loss: that waits for all devices."""

    def seconds(self, training: Training, devices: int) -> Mapping[str, Any]:
        self.data_parallel(devices)
        replicas = Replicas(training, self.backend, self.device)
        seconds, loss = [], float("nan")
        for inputs, targets in replicas.batches():
            start = time.perf_counter()
            loss = float(replicas.native.train_on_batch(inputs, targets))
            seconds.append(repr(time.perf_counter() - start))
        with self.backend.scope(self.device):
            return {"seconds": seconds, "loss": jax.numpy.asarray(loss, "float32")}


def pieces(value: Any) -> list[Tensor]:
    """What each device of this process holds of an array, in order of the devices."""
    shards = sorted(value.addressable_shards, key=lambda shard: shard.device.id)
    return [shard.data for shard in shards]


def environment(kind: str, devices: int) -> Mapping[str, str]:
    """Of a worker: what JAX must be told before it is imported."""
    if kind == "cpu":
        # The flag of XLA is what older versions of JAX know.
        flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_force_host_platform_device_count={devices}".strip()
        return {"JAX_NUM_CPU_DEVICES": str(devices), "XLA_FLAGS": flags}
    # Most of a card's memory is taken otherwise, and our starter may use the same card.
    return {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


def require(kind: str, devices: int) -> None:
    """Raises Unavailable where there are fewer devices than that."""
    here = devices if kind == "cpu" else jax.local_device_count(PLATFORMS[kind])
    if here < devices:
        raise Unavailable(f"{devices} {kind} devices are needed, {here} here: run it on a machine that has them")


def _checkpoint(folder: str, step: int) -> str:
    return str(pathlib.Path(folder) / f"checkpoint-{step}.keras")


def _sharded(backend: Backend, device: str) -> Any:
    from fwconformance.frameworks.keras._parallel_jax_model import ShardedDataParallel

    return ShardedDataParallel(backend, device)


def _model_parallel(backend: Backend, device: str) -> Any:
    from fwconformance.frameworks.keras._parallel_jax_model import ModelParallel

    return ModelParallel(backend, device)


_MAKERS: Mapping[str, Callable[[Backend, str], Any]] = {
    "data-parallel": DataParallel,
    "multi-process": MultiProcess,
    "multi-process-fit": MultiProcessFit,
    "sharded-data-parallel": _sharded,
    "model-parallel": _model_parallel,
    "recovery": Recovery,
    "throughput": Throughput,
}


def piece(name: str, backend: Backend, device: str) -> Any:
    """The piece `name` of `fwconformance.frameworks._pieces_parallel`."""
    return _MAKERS[name](backend, device)
