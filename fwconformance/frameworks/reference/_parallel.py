"""Several logical devices of one processor in one process: replicas that share a batch out, or parts of one model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping, Sequence

import numpy as np

from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._remote import Worker, each_on_its_own
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Layer
from fwconformance.frameworks.reference._layers_dense import Dense
from fwconformance.frameworks.reference._tensor import Tensor

if TYPE_CHECKING:
    from fwconformance.frameworks.reference._trainer import Trainer
    from fwconformance.processes import Program


def device_names(devices: int) -> list[str]:
    """Logical devices in the seam's words: "cpu", "cpu:1", ..."""
    return ["cpu", *(f"cpu:{number}" for number in range(1, devices))]


def trainer_of(training: Training) -> Trainer:
    """A trainer of the sound reference that stands before the first step."""
    from fwconformance.frameworks.reference._framework import Reference

    reference = Reference()
    model = reference.build(training.network, training.weights)
    return reference.trainer(model, training.loss, training.optimizer)


class Sharing:
    """The rules by which a batch is shared out and gradients are put together."""

    def places(self, rows: int, number: int, devices: int) -> Array:
        """Which of `rows` rows device `number` is given: a block. Raises ValueError where they cannot be dealt evenly:
        the mean of means would not be the mean.
        """
        if rows % devices:
            raise ValueError(f"a batch of {rows} rows is not dealt evenly to {devices} devices")
        return np.arange(rows).reshape(devices, -1)[number]

    def reduce(self, gradients: Sequence[Gradients]) -> Gradients:
        """The mean over devices, by weight name."""
        return {name: sum(each[name] for each in gradients) / len(gradients) for name in gradients[0]}


class Replica:
    """One device's replica of a model, with its optimizer, and what it was given and computed.

    Args:
        training: what is trained.
        device: on which, in the seam's words.
    """

    def __init__(self, training: Training, device: str) -> None:
        self.trainer = trainer_of(training)
        self.device = device
        self.inputs: list[Tensor] = []
        self.outputs: list[Tensor] = []

    def differentiate(self, inputs: Array, targets: Array) -> Gradients:
        """Gradients by weight name for these rows, which are noted with their outputs."""
        model, loss = self.trainer.model, self.trainer.loss
        self.inputs.append(Tensor(np.array(inputs), self.device))
        self.outputs.append(Tensor(model.run(model.convert(inputs), model.call(True, None)), self.device))
        return model.differentiate(loss, inputs, targets, training=True)[1]

    def update(self, gradients: Gradients) -> None:
        """One step of the optimizer."""
        self.trainer.optimizer.apply(self.trainer.model.arrays(), gradients)

    def weights(self) -> dict[str, Tensor]:
        """Copies by neutral name, on its device."""
        return {name: Tensor(value.copy(), self.device) for name, value in self.trainer.model.arrays().items()}

    def told(self) -> dict[str, Any]:
        """What `fwconformance.frameworks.DataParallel.train` tells of a device."""
        return {"weights": self.weights(), "inputs": self.inputs, "outputs": self.outputs}


class OneProcess:
    """`Launched`: one worker drives all devices."""

    def workers(self, devices: int) -> int:
        """One."""
        return 1

    def programs(self, worker: Worker, devices: int) -> Sequence[Program]:
        """Nothing but the worker."""
        return each_on_its_own(worker, 1)


class DataParallel(OneProcess):
    """Piece "data-parallel": replicas take turns; their gradients are reduced before all of them take the step."""

    sharing: Any = Sharing

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `fwconformance.frameworks.DataParallel`."""
        rules = self.sharing()
        replicas = [Replica(training, name) for name in self.devices(devices)]
        for step, (inputs, targets) in enumerate(training.batches):
            found = []
            for number, replica in enumerate(replicas):
                mine = rules.places(len(inputs), number, len(replicas))
                found.append(replica.differentiate(inputs[mine], targets[mine]))
            self.update(replicas, found, rules.reduce(found), step)
        return [replica.told() for replica in replicas]

    def devices(self, count: int) -> list[str]:
        """Where the replicas are."""
        return device_names(count)

    def update(self, replicas: Sequence[Replica], own: Sequence[Gradients], reduced: Gradients, step: int) -> None:
        """Each replica's step, given each one's `own` gradients and the `reduced` ones."""
        for replica in replicas:
            replica.update(reduced)


class SplitDense(Layer):
    """A dense layer whose columns are split over devices: each holds a block of the kernel and of the bias.

    Roles are those of a dense layer with the number of the device behind them: "kernel@1".
    """

    def __init__(self, description: Any, weights: Mapping[str, Array], devices: int) -> None:
        blocks = {
            f"{role}@{number}": block.copy()
            for role, value in weights.items()
            for number, block in enumerate(np.array_split(value, devices, axis=-1))
        }
        super().__init__(description, blocks)
        self.devices = devices

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        parts = [self.part(number).forward(inputs, call)[0] for number in range(self.devices)]
        return np.concatenate(parts, axis=-1), inputs

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        widths = [self.weights[f"kernel@{number}"].shape[-1] for number in range(self.devices)]
        pieces = np.split(upstream, np.cumsum(widths)[:-1], axis=-1)
        inward, gradients = [], {}
        for number, piece in enumerate(pieces):
            back, own = self.part(number).backward(piece, cache)
            inward.append(back)
            gradients.update({f"{role}@{number}": value for role, value in own.items()})
        return self.gather(inward), gradients

    def part(self, number: int) -> Dense:
        """What device `number` has of the layer."""
        held = {role.partition("@")[0]: v for role, v in self.weights.items() if role.endswith(f"@{number}")}
        return Dense(self.description, held)

    def gather(self, inward: Sequence[Array]) -> Array:
        """The gradient by the inputs, of which each device has the part that its columns give."""
        return sum(inward)

    def whole(self) -> dict[str, Array]:
        """Weights by the roles of a dense layer."""
        roles = dict.fromkeys(role.partition("@")[0] for role in self.weights)
        return {
            role: np.concatenate([self.weights[f"{role}@{number}"] for number in range(self.devices)], axis=-1)
            for role in roles
        }


class ModelParallel(OneProcess):
    """Piece "model-parallel": every dense layer split by columns; what lies between them is done on whole values."""

    layer: Any = SplitDense

    def train(self, training: Training, devices: int) -> Mapping[str, Any]:
        """See `fwconformance.frameworks.ModelParallel`. Raises NotAdapted for other layers that have weights."""
        trainer = trainer_of(training)
        trainer.model.layers = tuple(self.split(layer, devices) for layer in trainer.model.layers)
        outputs = trainer.model.forward(training.batches[0][0])
        for inputs, targets in training.batches:
            trainer.step(inputs, targets)
        split = [(index, each) for index, each in enumerate(trainer.model.layers) if isinstance(each, SplitDense)]
        weights = {f"{index}.{role}": Tensor(value) for index, each in split for role, value in each.whole().items()}
        held = [self.held(split, number, name) for number, name in enumerate(device_names(devices))]
        return {"outputs": outputs, "weights": weights, "held": held}

    def split(self, layer: Layer, devices: int) -> Layer:
        """`layer` over `devices`; one without weights stays as it is."""
        if isinstance(layer, Dense):
            made: Layer = self.layer(layer.description, layer.weights, devices)
            return made
        if layer.weights:
            raise NotAdapted(f"the reference splits dense layers over devices, not {type(layer).__name__}")
        return layer

    def held(self, split: Sequence[tuple[int, SplitDense]], number: int, device: str) -> dict[str, Tensor]:
        """What one device holds of every split layer."""
        return {
            f"{index}.{role}": Tensor(value.copy(), device)
            for index, layer in split
            for role, value in layer.weights.items()
            if role.endswith(f"@{number}")
        }


PIECES: Mapping[str, Any] = {"data-parallel": DataParallel, "model-parallel": ModelParallel}
