# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Several devices and several processes of Keras on TensorFlow, by tf.distribute as Keras' guides say."""

from __future__ import annotations

import contextlib
import pathlib
import tempfile
import time
from typing import Any, Callable, Mapping, Sequence

import tensorflow as tf

from fwconformance.frameworks._progress import await_go, report
from fwconformance.frameworks._protocol import Tensor
from fwconformance.frameworks._tfdistribute import ManyProcesses, OneProcess, dataset, shares
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras import _parallel_tensorflow_model
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel, make_loss
from fwconformance.frameworks.keras._native import UNREDUCED, build, by_jit, held, keras
from fwconformance.frameworks.keras._training import check_optimizer, unchecked_optimizer


class Recorded(keras.Model):
    """A functional model that keeps, on each device, what `compute_loss` was given there last.

    `compute_loss` is Keras' place for a loss of the user's own; it runs on each replica.
    """

    def keep(self, inputs: Any, outputs: Any) -> None:
        """Keep them in these variables, of which each device reads its own."""
        self._kept = (inputs, outputs)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        for variable, value in zip(self._kept, (x, y_pred)):
            variable.assign(tf.cast(value, "float32"))
        return super().compute_loss(x, y, y_pred, sample_weight, training)

    if not hasattr(keras.Model, "compute_loss"):

        def train_step(self, data: Any) -> Any:
            """Before there is `compute_loss`, a step of the user's own is the place."""
            inputs, targets = data
            with tf.GradientTape() as tape:
                outputs = self(inputs, training=True)
                loss = self.compiled_loss(targets, outputs)
            for variable, value in zip(self._kept, (inputs, outputs)):
                variable.assign(tf.cast(value, "float32"))
            self.optimizer.minimize(loss, self.trainable_variables, tape=tape)
            return {each.name: each.result() for each in self.metrics}


class Record(keras.callbacks.Callback):
    """Reads after each step what a `Recorded` kept: steps of inputs and of outputs, each a tensor a local device."""

    def __init__(self, strategy: Any, kept: Sequence[Any]) -> None:
        super().__init__()
        self._strategy = strategy
        self._kept = kept
        self.steps: list[list[Sequence[Tensor]]] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.steps.append([[_copy(own) for own in local(self._strategy, variable)] for variable in self._kept])


class Replicas:
    """A model and its optimizer, made under `strategy`."""

    def __init__(self, strategy: Any, training: Training, backend: Backend) -> None:
        self.strategy = strategy
        self._training = training
        check_optimizer(training.optimizer)
        with strategy.scope():
            self.model = KerasModel(training.network, _Anywhere(backend), "", training.weights)
            self.optimizer = unchecked_optimizer(training.optimizer)
        self._each = make_loss(training.loss, reduction=UNREDUCED)
        self._rows = len(training.batches[0][0])
        ids = training.loss.kind == "cross-entropy"
        self._kinds = ("int32" if training.network.integer_input else "float32", "int32" if ids else "float32")
        self.step: Callable[[Tensor, Tensor], Any] = tf.function(self._step)

    def shares(self) -> Any:
        """See `fwconformance.frameworks._tfdistribute.shares`."""
        return shares(tf, self.strategy, self._training, self._kinds)

    def weights(self) -> list[Mapping[str, Tensor]]:
        """Each device's own."""
        return [self._weights_on(number, device) for number, device in enumerate(self.strategy.extended.worker_devices)]

    def _weights_on(self, number: int, device: str) -> Mapping[str, Tensor]:
        with tf.device(device):
            return self.model.read(lambda variable: tf.identity(local(self.strategy, held(variable))[number]))

    def fit(self) -> list[list[Sequence[Tensor]]]:
        """Keras' `fit` over all batches, one epoch. Gives (inputs, outputs) of each step, each a tensor a device."""
        strategy, native = self.strategy, self.model.native
        rows = self._rows // strategy.num_replicas_in_sync
        with strategy.scope():
            kept = [_kept((rows, *tensor.shape[1:])) for tensor in (native.input, native.output)]
            model = Recorded(native.input, native.output)
            model.keep(*kept)
            model.compile(optimizer=self.optimizer, loss=make_loss(self._training.loss), **by_jit(False))
        record = Record(strategy, kept)
        model.fit(dataset(tf, self._training, self._kinds), shuffle=False, verbose=0, callbacks=[record])
        return record.steps

    def fit_plainly(self, callback: Any) -> None:
        """Keras' `fit` over all batches, one epoch, nothing recorded."""
        with self.strategy.scope():
            loss = make_loss(self._training.loss)
            self.model.native.compile(optimizer=self.optimizer, loss=loss, **by_jit(False))
        data = dataset(tf, self._training, self._kinds)
        self.model.native.fit(data, shuffle=False, verbose=0, callbacks=[callback])

    def _step(self, inputs: Tensor, targets: Tensor) -> Any:
        return self.strategy.run(self._replica, args=(inputs, targets))

    def _replica(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """On one device: (its inputs, its outputs, its part of the loss). The optimizer adds up gradients."""
        variables = self.model.native.trainable_variables
        with tf.GradientTape() as tape:
            outputs = self.model.native(inputs, training=True)
            each = self._each(targets, outputs)
            each = tf.reduce_mean(tf.reshape(each, (tf.shape(each)[0], -1)), 1)
            loss = tf.nn.compute_average_loss(each, global_batch_size=self._rows)
        gradients = tape.gradient(loss, [held(variable) for variable in variables])
        self.optimizer.apply_gradients(list(zip(gradients, variables)))
        return tf.identity(inputs), outputs, loss


class _Anywhere:
    """A backend whose scope leaves the place of things to the strategy."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def scope(self, device: str) -> Any:
        return contextlib.nullcontext()


class DataParallel(OneProcess):
    """MirroredStrategy and `fit`."""

    def __init__(self, backend: Backend, device: str) -> None:
        super().__init__(tf, device)
        self._backend = backend

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        replicas = Replicas(self.mirrored(devices), training, self._backend)
        return _results(replicas, replicas.fit())


class _ManyProcesses(ManyProcesses):
    def __init__(self, backend: Backend, device: str) -> None:
        super().__init__(tf, device)
        self._backend = backend


class MultiProcess(_ManyProcesses):
    """MultiWorkerMirroredStrategy and a loop of the user's own."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        strategy = self.strategy()
        replicas = Replicas(strategy, training, self._backend)
        steps = []
        for inputs, targets in replicas.shares():
            seen, outputs, _ = replicas.step(inputs, targets)
            steps.append([local(strategy, seen), local(strategy, outputs)])
        found = _results(replicas, steps)
        self.part(strategy)
        return found


class MultiProcessFit(_ManyProcesses):
    """MultiWorkerMirroredStrategy and `fit`."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        strategy = self.strategy()
        replicas = Replicas(strategy, training, self._backend)
        found = _results(replicas, replicas.fit())
        self.part(strategy)
        return found


class Recovery(_ManyProcesses):
    """tf.train.CheckpointManager under MultiWorkerMirroredStrategy: all workers save, the others than the chief where
    nobody looks. Keras' BackupAndRestore is of `fit`, which does not work there.
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
        replicas = Replicas(strategy, training, self._backend)
        with strategy.scope():
            build(replicas.optimizer, replicas.model.native.trainable_variables)
        saved = str(pathlib.Path(folder) / "checkpoint")
        with tempfile.TemporaryDirectory() as elsewhere:
            checkpoint = tf.train.Checkpoint(model=replicas.model.native, optimizer=replicas.optimizer)
            manager = tf.train.CheckpointManager(checkpoint, elsewhere if rank else saved, max_to_keep=1)
            if first:
                checkpoint.restore(tf.train.latest_checkpoint(saved)).assert_existing_objects_matched()
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


class Clock(keras.callbacks.Callback):
    """Seconds of each step, and the loss after the last; reading it waits for all devices."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[str] = []
        self.loss = float("nan")
        self._start = 0.0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._start = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.loss = float(logs["loss"])
        self.seconds.append(repr(time.perf_counter() - self._start))


class Throughput(DataParallel):
    """MirroredStrategy and `fit`."""

    def seconds(self, training: Training, devices: int) -> Mapping[str, Any]:
        clock = Clock()
        replicas = Replicas(self.mirrored(devices), training, self._backend)
        replicas.fit_plainly(clock)
        return {"seconds": clock.seconds, "loss": tf.constant(clock.loss)}


def local(strategy: Any, value: Any) -> Sequence[Any]:
    """The part of a per-replica value of each device that this process drives."""
    return strategy.experimental_local_results(value)


def _copy(variable: Any) -> Tensor:
    with tf.device(variable.device):
        return tf.identity(variable)


def _kept(shape: Sequence[int]) -> Any:
    """A variable of which each device has and reads its own."""
    return tf.Variable(
        tf.zeros(shape),
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )


def _results(replicas: Replicas, steps: Sequence[Sequence[Sequence[Tensor]]]) -> list[dict[str, Any]]:
    """As of `DataParallel.train` of the protocol."""
    return [
        {
            "weights": weights,
            "inputs": [inputs[number] for inputs, _ in steps],
            "outputs": [outputs[number] for _, outputs in steps],
        }
        for number, weights in enumerate(replicas.weights())
    ]


_MAKERS: Mapping[str, Callable[[Backend, str], Any]] = {
    "data-parallel": DataParallel,
    "multi-process": MultiProcess,
    "multi-process-fit": MultiProcessFit,
    "recovery": Recovery,
    "throughput": Throughput,
}


def piece(name: str, backend: Backend, device: str) -> Any:
    """The piece `name` of `fwconformance.frameworks._pieces_parallel`."""
    if name in _MAKERS:
        return _MAKERS[name](backend, device)
    return _parallel_tensorflow_model.piece(name, backend, device)
