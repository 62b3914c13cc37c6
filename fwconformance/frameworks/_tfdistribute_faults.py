"""Faults in tf.distribute, for TensorFlow and for Keras on it. TensorFlow is handed in."""

from __future__ import annotations

import contextlib
from typing import Any, ContextManager, Iterator, Sequence

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage


@contextlib.contextmanager
def _no_exchange(tf: Any) -> Iterator[None]:
    def keep_pairs(original: Any) -> Any:
        def batch_reduce_to(self: Any, operation: Any, pairs: Any, options: Any = None) -> Any:
            # What all devices share has a type of its own, which older releases ask for.
            shared = original(self, operation, pairs, options)
            return [
                type(one)(value.values) if isinstance(value, tf.distribute.DistributedValues) else value
                for one, (value, _) in zip(shared, pairs)
            ]

        return batch_reduce_to

    def keep(original: Any) -> Any:
        def all_reduce(self: Any, operation: Any, value: Any, options: Any = None) -> Any:
            return value

        return all_reduce

    # The first for optimizers of tf.compat.v1.train, the other for Keras'.
    optimizers = replaced(tf.distribute.StrategyExtended, "batch_reduce_to", keep_pairs)
    with optimizers, replaced(tf.distribute.ReplicaContext, "all_reduce", keep):
        yield


def _share_twice(tf: Any) -> ContextManager[None]:
    def double(*columns: Any) -> Any:
        return tuple(tf.concat([column[: tf.shape(column)[0] // 2]] * 2, 0) for column in columns)

    def make(original: Any) -> Any:
        def experimental_distribute_dataset(self: Any, dataset: Any, options: Any = None) -> Any:
            return original(self, dataset.map(double), options)

        return experimental_distribute_dataset

    return replaced(tf.distribute.Strategy, "experimental_distribute_dataset", make)


def _first_only(tf: Any) -> ContextManager[None]:
    return replaced(tf.distribute, "MirroredStrategy", lambda original: lambda devices: original(devices[:1]))


def _alone(tf: Any) -> ContextManager[None]:
    def make(original: Any) -> Any:
        return lambda **_named: tf.distribute.OneDeviceStrategy("/device:CPU:0")

    return replaced(tf.distribute, "MultiWorkerMirroredStrategy", make)


class _NothingRestored:
    def assert_existing_objects_matched(self) -> _NothingRestored:
        return self


def _restores_nothing(tf: Any) -> ContextManager[None]:
    return replaced(tf.train.Checkpoint, "restore", lambda _original: lambda *_arguments, **_named: _NothingRestored())


def sabotages(tf: Any) -> Sequence[Sabotage]:
    """Of several devices of one process, and of several processes."""
    several, processes = ("parallel.multi-device", "two-devices"), ("parallel.multi-process", "two-processes")
    hosts = ("parallel.multi-process", "several-hosts")

    def entry(name: str, killed: tuple[str, str], plant: Any, description: str) -> Sabotage:
        return Sabotage(name=name, kills=killed[0], case=killed[1], apply=lambda: plant(tf), description=description)

    return (
        entry("devices-keep-their-gradients", several, _no_exchange,
              "tf.distribute exchanges no gradients between the devices."),
        entry("devices-share-rows", several, _share_twice,
              "A dataset that tf.distribute deals out has the first device's rows twice."),
        entry("first-device-only", several, _first_only,
              "tf.distribute.MirroredStrategy takes the first of the devices and leaves the others."),
        entry("processes-keep-their-gradients", processes, _no_exchange,
              "tf.distribute exchanges no gradients between the processes."),
        entry("hosts-keep-their-gradients", hosts, _no_exchange,
              "tf.distribute exchanges no gradients between the hosts."),
        entry("processes-share-rows", processes, _share_twice,
              "A dataset that tf.distribute deals out has the first worker's rows twice."),
        entry("process-trains-alone", processes, _alone,
              "tf.distribute.MultiWorkerMirroredStrategy does not look at TF_CONFIG."),
        entry("checkpoint-restores-nothing", ("parallel.recovery", "resumes"), _restores_nothing,
              "tf.train.Checkpoint.restore restores nothing and says that it did."),
    )  # fmt: skip
