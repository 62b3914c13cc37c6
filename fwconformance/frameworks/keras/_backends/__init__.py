"""What Keras leaves to its backend: tensors that describe themselves, gradients, and compiling a function."""

from __future__ import annotations

import importlib
from typing import Any, Callable, ContextManager, Mapping, Optional, Protocol, Sequence, Tuple

from fwconformance.frameworks._protocol import TensorInfo

Tensor = Any
#: (outputs) to a scalar loss.
Criterion = Callable[[Tensor], Tensor]
#: Loss, gradient of each trainable variable in the model's order, gradient of the tensor asked for or None.
Gradients = Tuple[Tensor, Sequence[Tensor], Optional[Tensor]]


class Backend(Protocol):
    """One of Keras' backends, with its gradients taken as a user of that backend takes them."""

    name: str

    def versions(self) -> Mapping[str, str]:
        """Distribution to version, as the imported modules say."""
        ...

    def arithmetic(self) -> str:
        """The libraries that compute on a CPU."""
        ...

    def devices(self) -> Sequence[str]:
        """Devices visible to the backend: "cpu", "cuda", "tpu"."""
        ...

    def scope(self, device: str) -> ContextManager[Any]:
        """Work inside happens on `device`."""
        ...

    def describe(self, tensor: Tensor) -> TensorInfo:
        """Raises TypeError where `tensor` is not a tensor of this backend."""
        ...

    def tensor(self, values: Any, dtype: str) -> Tensor:
        """A tensor of `values`; one whose gradient can be asked for where `dtype` is a float type."""
        ...

    def forward(self, model: Any, compiled: bool) -> Callable[[list[Tensor], bool], Tensor]:
        """(model's inputs, training) to outputs, no gradient kept; state (running statistics, seeds) moves as the
        model says.
        """
        ...

    def gradients(self, model: Any, compiled: bool) -> Callable[[list[Tensor], bool, Criterion], Gradients]:
        """(model's inputs, training, criterion) to gradients, the first input's too if it is of a float type."""
        ...

    def differentiate(
        self, function: Callable[..., Tensor], arguments: Sequence[Tensor]
    ) -> tuple[Tensor, Sequence[Tensor]]:
        """Value of the scalar ``function(*arguments)`` and its gradient by each argument."""
        ...

    def slopes(self, function: Callable[..., Tensor], arguments: Sequence[Tensor]) -> Sequence[Tensor]:
        """The gradient of the scalar ``function(*arguments)`` by each argument, which can be differentiated again:
        inside a function that `differentiate` or `slopes` is given.
        """
        ...

    def operator(self, library: str) -> Callable[[Tensor], Tensor]:
        """The backend's own operator out of the file `library`, with its gradient; see `CustomOperator`."""
        ...

    def operator_project(self) -> Mapping[str, Any]:
        """``Project(...).to_json()`` of that library. Raises Unavailable where the backend has no headers."""
        ...


def load(name: str) -> Backend:
    """The module of backend `name`, imported now."""
    module = importlib.import_module(f"{__name__}._{name}")
    backend: Backend = module.create()
    return backend
