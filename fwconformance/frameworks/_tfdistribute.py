"""Several devices and processes of TensorFlow by tf.distribute: what the adapters of TensorFlow and of Keras on
TensorFlow share.

TensorFlow itself is handed in: each adapter imports it for itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Iterable, Mapping, Sequence

from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks._training import Training
from fwconformance.processes import Program, free_port

if TYPE_CHECKING:
    from fwconformance.frameworks._remote import Worker

#: Seconds after which a collective that a peer does not join is given up; without it, it waits for ever.
PATIENCE = 30.0
#: The whole memory of a card is taken otherwise, and our starter may use the same card.
_ENVIRONMENT = {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}
_TYPES = {"cpu": "CPU", "cuda": "GPU"}


class OneProcess:
    """`Launched`: one worker drives all devices, on a CPU logical ones. `kind` of the devices: "cpu", "cuda"."""

    def __init__(self, tf: Any, kind: str) -> None:
        self._tf = tf
        self.kind = kind.partition(":")[0]

    def workers(self, devices: int) -> int:
        """One."""
        return 1

    def programs(self, worker: Worker, devices: int) -> Sequence[Program]:
        """Raises Unavailable where there are fewer devices than that."""
        _require(self._tf, self.kind, devices)
        return [Program(name="worker", command=worker.command("0"), environment=_ENVIRONMENT)]

    def devices(self, count: int) -> list[str]:
        """In a worker, before TensorFlow is used there: names of that many devices, a CPU split into them."""
        config = self._tf.config
        if self.kind == "cpu":
            (cpu,) = config.list_physical_devices("CPU")
            config.set_logical_device_configuration(cpu, [config.LogicalDeviceConfiguration()] * count)
        return [device.name for device in config.list_logical_devices(_TYPES[self.kind])[:count]]

    def mirrored(self, count: int) -> Any:
        """In a worker: MirroredStrategy over that many devices."""
        return self._tf.distribute.MirroredStrategy(self.devices(count))


class ManyProcesses:
    """`Launched`: one worker a device, which meet over sockets."""

    def __init__(self, tf: Any, kind: str) -> None:
        self._tf = tf
        self.kind = kind.partition(":")[0]

    def workers(self, devices: int) -> int:
        """One a device."""
        return devices

    def programs(self, worker: Worker, devices: int) -> Sequence[Program]:
        """Raises Unavailable where there are fewer devices than that."""
        _require(self._tf, self.kind, devices)
        addresses = [f"{worker.address(rank)}:{free_port()}" for rank in range(devices)]
        return [
            Program(
                name=f"worker {rank}",
                command=worker.command(str(rank)),
                environment={
                    **_ENVIRONMENT,
                    **({"CUDA_VISIBLE_DEVICES": str(rank)} if self.kind == "cuda" else {}),
                    **self.environment(rank, addresses),
                },
                host=worker.host(rank),
            )
            for rank in range(devices)
        ]

    def environment(self, rank: int, addresses: Sequence[str]) -> Mapping[str, str]:
        """What tells a worker who it is and where the others are."""
        config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": rank}}
        return {"TF_CONFIG": json.dumps(config)}

    def strategy(self) -> Any:
        """In a worker, before TensorFlow is used there: MultiWorkerMirroredStrategy, its time-out set."""
        distribute = self._tf.distribute
        options = distribute.experimental.CommunicationOptions(timeout_seconds=PATIENCE)
        return distribute.MultiWorkerMirroredStrategy(communication_options=options)

    def part(self, strategy: Any) -> None:
        """Until all workers are done with each other: one that leaves early would look like one that was lost."""
        tf = self._tf
        try:
            strategy.run(lambda: tf.distribute.get_replica_context().all_reduce("sum", tf.ones(())))
        except tf.errors.OpError:
            # A peer that had all it needed has left while we were still told so. What is worth reporting was computed.
            return


def shares(tf: Any, strategy: Any, training: Training, kinds: tuple[str, str]) -> Iterable[Any]:
    """(inputs, targets) of each step, a per-replica value each, dealt out by the strategy. `kinds`: their dtypes.

    Raises ValueError for batches that cannot be dealt evenly: per-replica results of several shapes are not expected.
    """
    sizes = {len(inputs) for inputs, _ in training.batches}
    replicas = strategy.num_replicas_in_sync
    if len(sizes) != 1 or min(sizes) % replicas:
        raise ValueError(f"batches of {sorted(sizes)} rows are not dealt evenly to {replicas} devices")
    dealt: Iterable[Any] = strategy.experimental_distribute_dataset(dataset(tf, training, kinds))
    return dealt


def dataset(tf: Any, training: Training, kinds: tuple[str, str]) -> Any:
    """A tf.data.Dataset of the whole batches, in order."""
    columns = [tf.concat([tf.cast(batch[side], kinds[side]) for batch in training.batches], 0) for side in (0, 1)]
    rows = tf.data.Dataset.from_tensor_slices(tuple(columns)).batch(len(training.batches[0][0]), drop_remainder=True)
    options = tf.data.Options()
    # There are no files to be dealt out to several workers.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.DATA
    return rows.with_options(options)


def _require(tf: Any, kind: str, devices: int) -> None:
    if kind not in _TYPES:
        raise Unavailable(f"this adapter of TensorFlow distributes over CPU and CUDA devices, not over {kind}")
    here = devices if kind == "cpu" else len(tf.config.list_physical_devices(_TYPES[kind]))
    if here < devices:
        raise Unavailable(f"{devices} {kind} devices are needed, {here} here: run it on a machine that has them")
