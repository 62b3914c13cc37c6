# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""A train step of Keras on torch as StableHLO through torchax: Keras' model and optimizer, both stateless."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, Mapping, Sequence

import keras
import numpy as np
import torch

from fwconformance.frameworks import _torchax
from fwconformance.frameworks._jaxprogram import ENVIRONMENT, write_program
from fwconformance.frameworks._pieces_compile import axes_between
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel, make_loss
from fwconformance.frameworks.keras._training import KerasTrainer, make_optimizer
from fwconformance.processes import Program


class StepProgram:
    """See `_pieces_compile.StepProgram`. Several devices: a mesh of JAX's, as torchax' guide has it."""

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

        with self.backend.scope("cpu"):
            model = KerasModel(training.network, self.backend, "cpu", training.weights)
            native = model.native
            measure, optimizer = make_loss(training.loss), make_optimizer(training.optimizer)
            optimizer.build(native.trainable_variables)
            layout = {name: _axes_of(slot) for name, slot in model.named_slots()}
            state = [_values(variable) for variable in optimizer.variables]
            held = [_values(variable) for variable in native.trainable_variables]
        kept = [variable.value for variable in native.non_trainable_variables]

        torchax = _torchax.load(torch)
        jax, interop = importlib.import_module("jax"), torchax.interop

        def objective(weights: Any, x: Any, wanted: Any) -> Any:
            outputs, _ = native.stateless_call(weights, kept, x, training=True)
            return measure(wanted, outputs)

        def step(state: Any, weights: Any, x: Any, wanted: Any) -> Any:
            with torchax.default_env(), _torchax.taken_by_keras(torch, torchax), keras.device("jax"):
                given = [[interop.torch_view(each) for each in group] for group in (state, weights)]
                differentiate = interop.jax_value_and_grad(objective)
                value, gradients = differentiate(given[1], interop.torch_view(x), interop.torch_view(wanted))
                after, moved = optimizer.stateless_apply(given[0], gradients, given[1])
                groups = [[interop.jax_view(each) for each in group] for group in (moved, after)]
                return (interop.jax_view(value), *groups)

        batch, shared = [_narrow(inputs), _narrow(targets)], None
        if devices > 1:
            sharding = jax.sharding
            mesh = sharding.Mesh(np.array(jax.devices("cpu")[:devices]), ("batch",))
            split = sharding.NamedSharding(mesh, sharding.PartitionSpec("batch"))
            shared = sharding.NamedSharding(mesh, sharding.PartitionSpec())
            batch = [jax.device_put(values, split) for values in batch]
            state, held = ([jax.device_put(each, shared) for each in group] for group in (state, held))
        file = write_program(jax, step, (state, held, *batch), self.name, folder, shared=shared)
        files = [f"state-{number}.npy" for number in range(len(state))]
        for name, values in zip(files, state):
            np.save(str(Path(folder) / name), np.asarray(values))
        named = {id(slot.variable): f"weight {name}" for name, slot in model.named_slots()}
        names = [named[id(variable)] for variable in native.trainable_variables]
        return {
            "file": file,
            "kind": "partitions",
            "arguments": [*(f"file {name}" for name in files), *names, "inputs", "targets"],
            "results": ["loss", *("state" for _ in files), *names],
            "layout": layout,
            "weights": own.weights(),
        }


def _axes_of(slot: Any) -> str:
    """How the neutral weight of a slot is transposed to Keras' variable."""
    shape = tuple(slot.variable.shape)
    native = np.arange(int(np.prod(shape)), dtype=np.float32).reshape(shape)
    (neutral,) = slot.split(torch.from_numpy(native))
    return axes_between(neutral.numpy(), native)


def _values(variable: Any) -> Any:
    return variable.value.detach().numpy().copy()


def _narrow(values: Any) -> Any:
    return np.asarray(values, dtype="int32" if values.dtype.kind in "iu" else "float32")


def piece(name: str, backend: Backend, device: str) -> StepProgram:
    return StepProgram(name, backend, device)
