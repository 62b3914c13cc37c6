# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Weights split over devices by DTensor, TensorFlow's SPMD extension.

The optimizers that knew DTensor were Keras' (before Keras 3), and those of tf.compat.v1.train end the process; so
updates are written out, as in DTensor's guide.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

import tensorflow as tf
from tensorflow.experimental import dtensor

from fwconformance.frameworks._network import SGD, Loss, Optimizer
from fwconformance.frameworks._protocol import Array, NotAdapted, Tensor
from fwconformance.frameworks._tfdistribute import ManyProcesses, OneProcess
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.tensorflow._model import Stack

#: The axis of the mesh, whose devices are numbered along it.
_AXIS = "devices"


class Split:
    """A module whose variables are DVariables, each split along its last axis where the devices divide that.

    Attributes:
        mesh: one axis of devices.
        variables: (name, layer, role, variable) in order.
    """

    def __init__(self, training: Training, mesh: Any) -> None:
        self.mesh = mesh
        self.module = Stack(training.network, training.weights)
        self.variables: list[tuple[str, Any, str, Any]] = []
        for index, layer in enumerate(self.module.layers):
            for role, plain in list(layer.roles.items()):
                variable = self._split(plain, mesh.size)
                layer.roles[role] = variable
                self.variables.append((f"{index}.{role}", layer, role, variable))
        self.momenta = [dtensor.DVariable(tf.zeros_like(variable)) for _, _, _, variable in self.variables]

    def on_all(self, values: Array, kind: Any) -> Tensor:
        """`values` whole on each device."""
        value = tf.convert_to_tensor(values, kind)
        return dtensor.copy_to_mesh(value, dtensor.Layout.replicated(self.mesh, len(value.shape)))

    def whole(self, value: Any) -> list[Tensor]:
        """All of `value`, gathered on each device."""
        return list(dtensor.unpack(dtensor.relayout(value, dtensor.Layout.replicated(self.mesh, len(value.shape)))))

    def weights(self) -> list[dict[str, Tensor]]:
        """Every weight on each device, gathered, by neutral name and in the neutral layout."""
        found: list[dict[str, Tensor]] = [{} for _ in range(self.mesh.num_local_devices())]
        for name, layer, role, variable in self.variables:
            for each, value in zip(found, self.whole(variable.read_value())):
                # Without the job, which in one of several processes it names wrongly.
                with tf.device(value.backing_device[value.backing_device.index("/device:") :]):
                    each[name] = layer.outward(role, value)
        return found

    def held(self) -> list[Mapping[str, Tensor]]:
        """What each device holds, by neutral name and in TensorFlow's layout."""
        parts = {name: dtensor.unpack(variable.read_value()) for name, _, _, variable in self.variables}
        return [{name: parts[name][number] for name in parts} for number in range(self.mesh.num_local_devices())]

    def _split(self, variable: Any, devices: int) -> Any:
        rank, last = len(variable.shape), variable.shape[-1]
        value = dtensor.copy_to_mesh(variable.read_value(), dtensor.Layout.replicated(self.mesh, rank))
        axes = [dtensor.UNSHARDED] * (rank - 1) + [_AXIS if last % devices == 0 else dtensor.UNSHARDED]
        layout = dtensor.Layout(axes, self.mesh)
        return dtensor.DVariable(dtensor.relayout(value, layout), trainable=variable.trainable)


class ModelParallel(OneProcess):
    """Each device computes with its part of the weights; DTensor adds what must be exchanged."""

    def train(self, training: Training, devices: int) -> Mapping[str, Any]:
        """See `ModelParallel` of the protocol. Raises NotAdapted for a loss or an optimizer that is not written out."""
        update, measure = _update(training.optimizer), _measure(training.loss)
        names = [name.rpartition("device:")[2] for name in self.devices(devices)]
        split = Split(training, dtensor.create_mesh([(_AXIS, devices)], devices=names))
        variables = [variable for _, _, _, variable in split.variables if variable.trainable]

        @tf.function  # type: ignore[untyped-decorator, unused-ignore]
        def step(inputs: Tensor, targets: Tensor) -> Tensor:
            with tf.GradientTape() as tape:
                outputs = split.module(inputs, True)
                loss = measure(targets, outputs)
            for gradient, variable, momentum in zip(tape.gradient(loss, variables), variables, split.momenta):
                update(gradient, variable, momentum)
            return outputs

        outputs = [step(inputs, targets) for inputs, targets in _batches(split, training)]
        return {
            "outputs": split.whole(outputs[0])[0],
            "weights": split.weights()[0],
            "held": split.held(),
        }


class ShardedDataParallel(ManyProcesses):
    """Weights and momenta are split; a step gathers the weights, computes on split rows and splits the gradients."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `DataParallel` of the protocol; also "held", what each device alone held after the last step."""
        update, measure = _update(training.optimizer), _measure(training.loss)
        kind = {"cpu": "CPU", "cuda": "GPU"}[self.kind]
        dtensor.initialize_accelerator_system(kind)
        split = Split(training, dtensor.create_distributed_mesh([(_AXIS, devices)], device_type=kind))
        entries = [entry for entry in split.variables if entry[3].trainable]

        @tf.function  # type: ignore[untyped-decorator, unused-ignore]
        def step(inputs: Tensor, targets: Tensor) -> Tensor:
            whole = [
                dtensor.relayout(variable.read_value(), dtensor.Layout.replicated(split.mesh, len(variable.shape)))
                for _, _, _, variable in entries
            ]
            for (_, layer, role, _), value in zip(entries, whole):
                layer.roles[role] = value
            with tf.GradientTape() as tape:
                tape.watch(whole)
                outputs = split.module(inputs, True)
                loss = measure(targets, outputs)
            for gradient, (_, layer, role, variable), momentum in zip(
                tape.gradient(loss, whole), entries, split.momenta
            ):
                update(dtensor.relayout(gradient, variable.layout), variable, momentum)
                layer.roles[role] = variable
            return outputs

        steps = []
        for inputs, targets in _batches(split, training):
            rows = [_rows(split, value) for value in (inputs, targets)]
            outputs = step(*rows)
            steps.append((dtensor.unpack(rows[0]), dtensor.unpack(_rows(split, outputs))))
        return [
            {
                "weights": weights,
                "held": held,
                "inputs": [inputs[number] for inputs, _ in steps],
                "outputs": [outputs[number] for _, outputs in steps],
            }
            for number, (weights, held) in enumerate(zip(split.weights(), split.held()))
        ]

    def environment(self, rank: int, addresses: Sequence[str]) -> Mapping[str, str]:
        """What `dtensor.initialize_accelerator_system` reads."""
        return {
            "DTENSOR_CLIENT_ID": str(rank),
            "DTENSOR_NUM_CLIENTS": str(len(addresses)),
            "DTENSOR_JOB_NAME": "worker",
            "DTENSOR_JOBS": ",".join(addresses),
        }


def _batches(split: Split, training: Training) -> Any:
    """(inputs, targets) of each step, whole on each device."""
    ids = "int64" if training.network.integer_input else "float32"
    kinds = ids, "int64" if training.loss.kind == "cross-entropy" else "float32"
    return [tuple(split.on_all(batch[side], kinds[side]) for side in (0, 1)) for batch in training.batches]


def _rows(split: Split, value: Tensor) -> Tensor:
    """`value` with its rows shared out."""
    return dtensor.relayout(value, dtensor.Layout.batch_sharded(split.mesh, _AXIS, len(value.shape)))


def _measure(loss: Loss) -> Callable[[Tensor, Tensor], Tensor]:
    if loss.kind == "cross-entropy":
        return lambda targets, outputs: tf.reduce_mean(
            tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=outputs)
        )
    if loss.kind == "mse":
        return lambda targets, outputs: tf.reduce_mean(tf.math.squared_difference(outputs, targets))
    raise NotAdapted(f"the DTensor pieces of the TensorFlow adapter do not write out the loss {loss.kind}")


def _update(optimizer: Optimizer) -> Callable[[Tensor, Any, Any], None]:
    if not isinstance(optimizer, SGD):
        raise NotAdapted(f"the DTensor pieces of the TensorFlow adapter do not write out {type(optimizer).__name__}")

    def update(gradient: Tensor, variable: Any, momentum: Any) -> None:
        step = gradient
        if optimizer.momentum:
            step = momentum.assign(optimizer.momentum * momentum + gradient)
            step = gradient + optimizer.momentum * momentum if optimizer.nesterov else momentum
        variable.assign_sub(optimizer.rate * step)

    return update


_MAKERS: Mapping[str, Callable[[Any, str], Any]] = {
    "model-parallel": ModelParallel,
    "sharded-data-parallel": ShardedDataParallel,
}


def piece(name: str, device: str) -> Any:
    """The piece `name` of `fwconformance.frameworks._pieces_parallel`."""
    return _MAKERS[name](tf, device)
