# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What an accelerator shows: the optimizer's state on it, Keras' mixed precision, the backend's limit on its memory."""

from __future__ import annotations

import importlib
import os
from typing import Any, Mapping, Sequence

from fwconformance.frameworks import _builds
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._remote import each_on_its_own
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel
from fwconformance.frameworks.keras._native import keras, ops
from fwconformance.frameworks.keras._training import KerasTrainer
from fwconformance.processes import Program

#: What JAX takes of a card's memory where nobody says how much.
_TAKEN, _FRACTION = 0.75, "XLA_PYTHON_CLIENT_MEM_FRACTION"


class Accelerator:
    """See `_pieces_device.Accelerator`. The policy is that of Keras' guide for GPUs; TPUs and CPUs take bfloat16."""

    def __init__(self, backend: Backend, device: str) -> None:
        self.backend = backend
        self.device = device
        self.policy = "mixed_bfloat16" if device.partition(":")[0] in {"cpu", "tpu"} else "mixed_float16"

    def state(self, trainer: Any) -> Sequence[Any]:
        with self.backend.scope(self.device):
            return [
                ops.stop_gradient(ops.convert_to_tensor(variable))
                for variable in trainer.model.native.optimizer.variables
                if len(variable.shape) and "float" in str(variable.dtype)
            ]

    def train_mixed(self, training: Training, held_out: Any) -> Mapping[str, Any]:
        """The global dtype policy, under which `compile` puts a LossScaleOptimizer around the optimizer by itself."""
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(self.policy)
        try:
            model = KerasModel(training.network, self.backend, self.device, training.weights)
            trainer = KerasTrainer(model, training.loss, training.optimizer)
            for inputs, targets in training.batches:
                trainer.step(inputs, targets)
            products = [layer.output for layer in model.native.layers if isinstance(layer, keras.layers.Dense)]
            with self.backend.scope(self.device):
                found = keras.Model(model.native.input, [*products, model.native.output])(held_out, training=False)
                seen = {keras.backend.standardize_dtype(each.dtype) for each in found[: len(products)]}
                outputs = ops.stop_gradient(ops.cast(found[-1], "float32"))
        finally:
            keras.config.set_dtype_policy(before)
        return {"outputs": outputs, "weights": model.weights(), "computed": ", ".join(sorted(seen))}

    def programs(self, worker: Any, devices: int) -> Sequence[Program]:
        """A worker; told JAX's share of the memory before it imports it, where that is to be limited."""
        method, arguments = worker.asked()
        programs = each_on_its_own(worker, devices)
        if self.backend.name != "jax" or method != "exceed":
            return programs
        return [
            Program(name=each.name, command=each.command, environment=_share(arguments[0], self._total()))
            for each in programs
        ]

    def exceed(self, limit: int, size: int, left: Any, right: Any) -> Mapping[str, Any]:
        """By a logical device on TensorFlow, by a fraction of the memory on torch and on JAX."""
        if self.backend.name == "tensorflow":
            from fwconformance.frameworks._tfdevice import refused_beyond

            return refused_beyond(importlib.import_module("tensorflow"), self.device, limit, size, left, right)
        if self.backend.name == "torch":
            from fwconformance.frameworks._torchdevice import limit_memory

            limit_memory(importlib.import_module("torch"), self.device, limit)
        with self.backend.scope(self.device):
            refused = ""
            try:
                self._wait_for(ops.zeros((size,), dtype="uint8"))
            except Exception as error:  # whose type is the backend's own; what it says is looked at by the case
                refused = f"{type(error).__name__}: {error}"
            product = ops.matmul(self.backend.tensor(left, "float32"), self.backend.tensor(right, "float32"))
        return {"refused": refused, "product": product}

    def _wait_for(self, tensor: Any) -> None:
        if self.backend.name == "jax":
            tensor.block_until_ready()

    def _total(self) -> int:
        """Bytes of the card's memory, of which JAX takes a fraction."""
        jax = importlib.import_module("jax")
        kind, _, number = self.device.partition(":")
        statistics = jax.local_devices(backend="gpu" if kind == "cuda" else kind)[int(number or 0)].memory_stats()
        if not statistics or "bytes_limit" not in statistics:
            raise NotAdapted(f"JAX does not say how much memory its device {self.device} has")
        return int(statistics["bytes_limit"] / float(os.environ.get(_FRACTION, _TAKEN)))


def _share(limit: int, total: int) -> Mapping[str, str]:
    return {_FRACTION: repr(limit / total), "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


def piece(name: str, backend: Backend, device: str) -> Any:
    """The piece `name` of `fwconformance.frameworks._pieces_device`. A build is the backend's: Keras' has no code of a
    device.
    """
    if name != "build":
        return Accelerator(backend, device)
    if backend.name == "jax":
        return _builds.of_jax(backend.versions()["jaxlib"])
    read = {"torch": _builds.of_torch, "tensorflow": _builds.of_tensorflow}[backend.name]
    return read(importlib.import_module(backend.name))
