# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Several devices and several processes of TensorFlow without Keras: loops of the user's own under tf.distribute, as
TensorFlow's guides write them.
"""

from __future__ import annotations

import importlib
import pathlib
import tempfile
import time
from typing import Any, Callable, Mapping, NoReturn, Sequence

import tensorflow as tf

from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._progress import await_go, report
from fwconformance.frameworks._protocol import Tensor
from fwconformance.frameworks._tfdistribute import ManyProcesses, OneProcess, shares
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.tensorflow import _refusals
from fwconformance.frameworks.tensorflow._model import Stack, elementwise
from fwconformance.frameworks.tensorflow._training import make_optimizer


class Replicas:
    """A module and its optimizer, made under `strategy`, and the step over all replicas, in one tf.function."""

    def __init__(self, strategy: Any, training: Training) -> None:
        self.strategy = strategy
        self._training = training
        self.optimizer = make_optimizer(training.optimizer)
        with strategy.scope():
            self.module = Stack(training.network, training.weights)
        self._rows = len(training.batches[0][0])
        self.step: Callable[[Tensor, Tensor], Any] = tf.function(self._step)

    def shares(self) -> Any:
        """See `fwconformance.frameworks._tfdistribute.shares`."""
        inputs = "int64" if self._training.network.integer_input else "float32"
        targets = "int64" if self._training.loss.kind == "cross-entropy" else "float32"
        return shares(tf, self.strategy, self._training, (inputs, targets))

    def local(self, value: Any) -> Sequence[Tensor]:
        """The part of a per-replica value of each device that this process drives."""
        return self.strategy.experimental_local_results(value)

    def weights(self) -> list[dict[str, Tensor]]:
        """Each device's own."""
        found: list[dict[str, Tensor]] = [{} for _ in self.strategy.extended.worker_devices]
        for index, layer in enumerate(self.module.layers):
            for role, variable in layer.roles.items():
                for replica, own in zip(found, self.local(variable)):
                    with tf.device(own.device):
                        replica[f"{index}.{role}"] = layer.outward(role, own)
        return found

    def _step(self, inputs: Tensor, targets: Tensor) -> Any:
        return self.strategy.run(self._replica, args=(inputs, targets))

    def _replica(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """On one device: (its inputs, its outputs, its part of the loss). The optimizer adds up gradients."""
        variables = list(self.module.trainable_variables)
        with tf.GradientTape() as tape:
            outputs = self.module(inputs, True)
            each = elementwise(self._training.loss, targets, outputs)
            each = tf.reduce_mean(tf.reshape(each, (tf.shape(each)[0], -1)), 1)
            loss = tf.nn.compute_average_loss(each, global_batch_size=self._rows)
        gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
        self.optimizer.apply_gradients(list(zip(gradients, variables)))
        return tf.identity(inputs), outputs, loss


def _train(replicas: Replicas) -> list[dict[str, Any]]:
    """See `DataParallel.train`."""
    steps = []
    for inputs, targets in replicas.shares():
        seen, outputs, _ = replicas.step(inputs, targets)
        steps.append((replicas.local(seen), replicas.local(outputs)))
    return [
        {
            "weights": weights,
            "inputs": [seen[number] for seen, _ in steps],
            "outputs": [outputs[number] for _, outputs in steps],
        }
        for number, weights in enumerate(replicas.weights())
    ]


class DataParallel(OneProcess):
    """tf.distribute.MirroredStrategy."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        return _train(Replicas(self.mirrored(devices), training))


class MultiProcess(ManyProcesses):
    """tf.distribute.MultiWorkerMirroredStrategy."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        strategy = self.strategy()
        found = _train(Replicas(strategy, training))
        self.part(strategy)
        return found


class Recovery(ManyProcesses):
    """tf.train.CheckpointManager under MultiWorkerMirroredStrategy: all workers save, the others than the chief where
    nobody looks.
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
        strategy = self.strategy()
        rank = strategy.cluster_resolver.task_id
        replicas = Replicas(strategy, training)
        with tempfile.TemporaryDirectory() as elsewhere:
            place = str(pathlib.Path(folder) / "checkpoint") if rank == 0 else elsewhere
            checkpoint = tf.train.Checkpoint(model=replicas.module, optimizer=replicas.optimizer)
            manager = tf.train.CheckpointManager(checkpoint, place, max_to_keep=1)
            if first:
                latest = tf.train.latest_checkpoint(str(pathlib.Path(folder) / "checkpoint"))
                # Outside the scope the optimizer's slots would be made on one device at once, before it is known of.
                with strategy.scope():
                    checkpoint.restore(latest).assert_existing_objects_matched()
            for step, (inputs, targets) in enumerate(replicas.shares()):
                if step < first:
                    continue
                if step == pause:
                    await_go(folder)
                replicas.step(inputs, targets)
                manager.save()
                report(folder, step, rank)
        found = [{"weights": weights} for weights in replicas.weights()]
        self.part(strategy)
        return found


class Throughput(OneProcess):
    """MirroredStrategy. The loss is read after each step, which waits for all devices."""

    def seconds(self, training: Training, devices: int) -> Mapping[str, Any]:
        replicas = Replicas(self.mirrored(devices), training)
        seconds: list[str] = []
        loss = None
        for inputs, targets in replicas.shares():
            start = time.perf_counter()
            _, _, parts = replicas.step(inputs, targets)
            loss = replicas.strategy.reduce("sum", parts, axis=None)
            loss.numpy()
            seconds.append(repr(time.perf_counter() - start))
        return {"seconds": seconds, "loss": loss}


def _fit(*_: Any) -> NoReturn:
    """TensorFlow's high-level training is Keras."""
    names = ("train.fit", "fit", "estimator.Estimator", "estimator.train_and_evaluate", "Module.fit")
    refuse(Lookup(root=tf, label="tf", names=names), note=_refusals.THROUGH_KERAS)


_MAKERS: Mapping[str, Callable[[Any, str], Any]] = {
    "data-parallel": DataParallel,
    "multi-process": MultiProcess,
    "multi-process-fit": _fit,
    "recovery": Recovery,
    "throughput": Throughput,
}


def piece(name: str, device: str) -> Any:
    """The piece `name` of `fwconformance.frameworks._pieces_parallel`."""
    if name in _MAKERS:
        return _MAKERS[name](tf, device)
    if not hasattr(tf.experimental, "dtensor"):
        refuse(Lookup(root=tf, label="tf", names=("experimental.dtensor",)))
    return importlib.import_module(f"{__package__}._parallel_dtensor").piece(name, device)
