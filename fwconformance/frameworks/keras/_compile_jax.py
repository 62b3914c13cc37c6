# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Keras' own train step on JAX as StableHLO; on several devices by keras.distribution."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import jax
import keras
import numpy as np

from fwconformance.frameworks._jaxprogram import ENVIRONMENT, write_program
from fwconformance.frameworks._pieces_compile import axes_between
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel, make_loss
from fwconformance.frameworks.keras._training import KerasTrainer, make_optimizer
from fwconformance.processes import Program


class StepProgram:
    """See `_pieces_compile.StepProgram`."""

    def __init__(self, name: str, backend: Backend, device: str) -> None:
        self.name = name
        self.backend = backend
        self.device = device

    def workers(self, devices: int) -> int:
        return 1

    def programs(self, worker: Any, devices: int) -> Sequence[Program]:
        return [Program(name="compiler", command=worker.command("0"), environment=ENVIRONMENT)]

    def write(self, training: Training, devices: int, folder: str) -> Mapping[str, Any]:
        inputs, targets = training.batches[0]
        own = KerasModel(training.network, self.backend, self.device, training.weights)
        KerasTrainer(own, training.loss, training.optimizer).step(inputs, targets)
        weights = own.weights()

        batch = tuple(_narrow(values) for values in (inputs, targets))
        with _distributed(devices) as layout:
            model = KerasModel(training.network, self.backend, self.device, training.weights)
            native = model.native
            native.compile(optimizer=make_optimizer(training.optimizer), loss=make_loss(training.loss))
            native.optimizer.build(native.trainable_variables)
            # The metrics' variables are made when the first batch is seen.
            native._symbolic_build(data_batch=batch)  # noqa: SLF001 - what Keras' own `fit` does first
            groups = (
                native.trainable_variables,
                native.non_trainable_variables,
                native.optimizer.variables,
                native.metrics_variables,
            )
            state = tuple([variable.value for variable in group] for group in groups)
            data = tuple(jax.device_put(values, layout(values)) for values in batch) if devices > 1 else batch
            shared = layout(np.zeros(())) if devices > 1 else None

            def step(state: Any, data: Any) -> Any:
                logs, state = native.train_step(state, data)
                return logs["loss"], state

            file = write_program(jax, step, (state, data), self.name, folder, shared=shared)
        names = {id(slot.variable): f"weight {name}" for name, slot in model.named_slots()}
        flat = [variable for group in groups for variable in group]
        arguments = [names.get(id(variable), f"file state-{number}.npy") for number, variable in enumerate(flat)]
        for variable, argument in zip(flat, arguments):
            if argument.startswith("file "):
                np.save(str(Path(folder) / argument[len("file ") :]), np.asarray(variable.value))
        return {
            "file": file,
            "kind": "partitions",
            "arguments": [*arguments, "inputs", "targets"],
            "results": ["loss", *(names.get(id(variable), "state") for variable in flat)],
            "layout": {name: axes_of(slot) for name, slot in model.named_slots()},
            "weights": weights,
        }


def axes_of(slot: Any) -> str:
    """How the neutral weight of a slot is transposed to Keras' variable."""
    native = np.arange(int(np.prod(slot.variable.shape)), dtype=np.float32).reshape(tuple(slot.variable.shape))
    (neutral,) = slot.split(keras.ops.convert_to_tensor(native))
    return axes_between(keras.ops.convert_to_numpy(neutral), native)


@contextlib.contextmanager
def _distributed(devices: int) -> Iterator[Any]:
    """Inside, models are made for data parallelism over so many devices; gives the sharding of a batch's array."""
    if devices == 1:
        yield None
        return
    parallel = keras.distribution.DataParallel(
        devices=keras.distribution.list_devices()[:devices], auto_shard_dataset=False
    )
    before = keras.distribution.distribution()
    keras.distribution.set_distribution(parallel)
    mesh = parallel.device_mesh.backend_mesh
    spec = jax.sharding.PartitionSpec
    try:
        yield lambda values: jax.sharding.NamedSharding(mesh, spec("batch") if values.ndim else spec())
    finally:
        keras.distribution.set_distribution(before)


def _narrow(values: Any) -> Any:
    return np.asarray(values, dtype="int32" if values.dtype.kind in "iu" else "float32")


def piece(name: str, backend: Backend, device: str) -> StepProgram:
    return StepProgram(name, backend, device)
