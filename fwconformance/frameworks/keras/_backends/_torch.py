# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Keras on torch: gradients by autograd, compiled by torch.compile."""

from __future__ import annotations

from typing import Any, Callable, ContextManager, Mapping, Sequence

import keras
import torch

from fwconformance.frameworks._arithmetic import of_torch
from fwconformance.frameworks._protocol import TensorInfo
from fwconformance.frameworks._torchoperator import operator, project


class TorchBackend:
    """See `fwconformance.frameworks.keras._backends.Backend`."""

    name = "torch"

    def versions(self) -> dict[str, str]:
        return {"torch": torch.__version__}

    def arithmetic(self) -> str:
        return of_torch(torch)

    def devices(self) -> tuple[str, ...]:
        return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)

    def scope(self, device: str) -> ContextManager[Any]:
        return keras.device(device)

    def describe(self, tensor: Any) -> TensorInfo:
        if not isinstance(tensor, torch.Tensor):
            raise TypeError("not a torch.Tensor")
        place = tensor.device
        return TensorInfo(
            device=place.type if not place.index else f"{place.type}:{place.index}",
            dtype=str(tensor.dtype).rpartition(".")[2],
            shape=tuple(tensor.shape),
            native_type=f"{type(tensor).__module__}.{type(tensor).__qualname__}",
        )

    def tensor(self, values: Any, dtype: str) -> Any:
        return keras.ops.convert_to_tensor(values, dtype=dtype)

    def forward(self, model: Any, compiled: bool) -> Callable[[list[Any], bool], Any]:
        def run(inputs: list[Any], training: bool) -> Any:
            with torch.no_grad():
                return call(_one(inputs), training=training)

        call = _compile(model) if compiled else model
        return run

    def gradients(self, model: Any, compiled: bool) -> Callable[..., Any]:
        call = _compile(model) if compiled else model

        def run(inputs: list[Any], training: bool, criterion: Callable[[Any], Any]) -> Any:
            sources = [variable.value for variable in model.trainable_variables]
            real = inputs[0].dtype.is_floating_point
            if real:
                inputs = [inputs[0].detach().clone().requires_grad_(), *inputs[1:]]
            loss = criterion(call(_one(inputs), training=training))
            wanted = [*sources, inputs[0]] if real else sources
            found = torch.autograd.grad(loss, wanted, materialize_grads=True)
            return loss.detach(), found[: len(sources)], found[-1] if real else None

        return run

    def differentiate(self, function: Callable[..., Any], arguments: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
        leaves = [argument.detach().clone().requires_grad_() for argument in arguments]
        value = function(*leaves)
        return value.detach(), torch.autograd.grad(value, leaves)

    def slopes(self, function: Callable[..., Any], arguments: Sequence[Any]) -> Sequence[Any]:
        # An argument that is differentiated by outside must stay the one that it is.
        leaves = [each if each.requires_grad else each.detach().requires_grad_() for each in arguments]
        return torch.autograd.grad(function(*leaves), leaves, create_graph=True)

    def operator(self, library: str) -> Callable[[Any], Any]:
        return operator(torch, library)

    def operator_project(self) -> Mapping[str, Any]:
        return project(torch)


def _compile(model: Any) -> Any:
    """torch.compile of the model's call.

    torch counts recompilations by code object, and all Keras models share theirs: without the reset, the ninth model
    in a process
    would silently run eagerly.
    """
    torch.compiler.reset()
    return torch.compile(model)


def _one(inputs: list[Any]) -> Any:
    return inputs[0] if len(inputs) == 1 else inputs


def create() -> TorchBackend:
    return TorchBackend()
