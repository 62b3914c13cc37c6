# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A train step as StableHLO through torchax: the module and torch.optim as they are, gradients by JAX, torchax' way."""

from __future__ import annotations

import importlib
from typing import Any, Mapping, Sequence

import numpy as np
import torch

from fwconformance.frameworks import _torchax
from fwconformance.frameworks._jaxprogram import ENVIRONMENT, write_program
from fwconformance.frameworks._pieces_compile import axes_between
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.pytorch._losses import loss_module
from fwconformance.frameworks.pytorch._model import TorchModel
from fwconformance.frameworks.pytorch._training import TorchTrainer, optimizer_of
from fwconformance.processes import Program


class StepProgram:
    """See `_pieces_compile.StepProgram`. Several devices: a mesh of JAX's, as torchax' guide has it."""

    def __init__(self, name: str, device: Any) -> None:
        self.name = name
        self.device = device

    def workers(self, devices: int) -> int:
        return 1

    def programs(self, worker: Any, devices: int) -> Sequence[Program]:
        return [Program(name="compiler", command=worker.command("0"), environment=ENVIRONMENT)]

    def write(self, training: Training, devices: int, folder: str) -> Mapping[str, Any]:
        inputs, targets = training.batches[0]
        own = TorchModel.build(training.network, training.weights, self.device)
        TorchTrainer(own, training.loss, training.optimizer).step(inputs, targets)

        torchax = _torchax.load(torch)
        jax, interop = importlib.import_module("jax"), torchax.interop
        model = TorchModel.build(training.network, training.weights, torch.device("cpu"))
        model.stack.train()
        measure = loss_module(training.loss)
        held = {name: each.detach().numpy() for name, each in model.stack.named_parameters()}

        def objective(weights: Any, x: Any, wanted: Any) -> Any:
            return measure(torch.func.functional_call(model.stack, weights, (x,)), wanted)

        def step(weights: Any, x: Any, wanted: Any) -> Any:
            with torchax.default_env():
                given = {name: interop.torch_view(each) for name, each in weights.items()}
                differentiate = interop.jax_value_and_grad(objective)
                value, gradients = differentiate(given, interop.torch_view(x), interop.torch_view(wanted))
                for name, weight in given.items():
                    weight.grad = gradients[name]
                optimizer_of(training.optimizer, list(given.values())).step()
                return interop.jax_view(value), {name: interop.jax_view(each) for name, each in given.items()}

        batch, shared = [_narrow(inputs), _narrow(targets)], None
        if devices > 1:
            sharding = jax.sharding
            mesh = sharding.Mesh(np.array(jax.devices("cpu")[:devices]), ("batch",))
            split = sharding.NamedSharding(mesh, sharding.PartitionSpec("batch"))
            shared = sharding.NamedSharding(mesh, sharding.PartitionSpec())
            batch = [jax.device_put(values, split) for values in batch]
            held = {name: jax.device_put(values, shared) for name, values in held.items()}
        file = write_program(jax, step, (held, *batch), self.name, folder, shared=shared)
        # JAX takes mappings apart in the order of their keys.
        names = [f"weight {self._names(model)[name]}" for name in sorted(held)]
        return {
            "file": file,
            "kind": "partitions",
            "arguments": [*names, "inputs", "targets"],
            "results": ["loss", *names],
            "layout": self._layout(model),
            "weights": own.weights(),
        }

    def _names(self, model: TorchModel) -> dict[str, str]:
        """Neutral name by torch's, found by marking one parameter after another."""
        found = {}
        for name, parameter in model.stack.named_parameters():
            kept = parameter.detach().clone()
            with torch.no_grad():
                parameter.fill_(12345.0)
            (found[name],) = (key for key, value in model.weights().items() if bool((value == 12345.0).all()))
            with torch.no_grad():
                parameter.copy_(kept)
        return found

    def _layout(self, model: TorchModel) -> dict[str, str]:
        names, found = self._names(model), {}
        for name, parameter in model.stack.named_parameters():
            kept = parameter.detach().clone()
            native = torch.arange(kept.numel(), dtype=torch.float32).reshape(kept.shape)
            with torch.no_grad():
                parameter.copy_(native)
            found[names[name]] = axes_between(model.weights()[names[name]].numpy(), native.numpy())
            with torch.no_grad():
                parameter.copy_(kept)
        return found


def _narrow(values: Any) -> Any:
    return np.asarray(values, dtype="int32" if values.dtype.kind in "iu" else "float32")


def piece(name: str, device: Any) -> StepProgram:
    return StepProgram(name, device)
