# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A network in PyTorch: a module of parts, run eagerly or through torch.compile."""

from __future__ import annotations

import contextlib
import warnings
from typing import Any, Iterator, Mapping

import torch
from torch import nn

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._network import recalled, weight_shapes
from fwconformance.frameworks._shapes import shapes_along
from fwconformance.frameworks.pytorch import _compiled, _layers
from fwconformance.frameworks.pytorch._losses import loss_module


class Stack(nn.Module):
    """The parts of a network, one after another."""

    def __init__(self, network: neutral.Network, device: Any) -> None:
        super().__init__()
        shapes = _layers.grouped(weight_shapes(network), len(network.layers))
        ranks = [len(shape) + 1 for shape in shapes_along(network)]
        layers = enumerate(zip(network.layers, shapes, ranks))
        self.parts = nn.ModuleList(_layers.part(layer, index, of, rank, device) for index, (layer, of, rank) in layers)
        self.recalled = recalled(network.layers)

    def forward(self, x: Any, lengths: Any | None = None) -> Any:
        earlier = {-1: x}
        for index, part in enumerate(self.parts):
            if part.sources:
                x = part(*(x if source == index - 1 else earlier[source] for source in part.sources))
            else:
                x = part(x, lengths)
            if index in self.recalled:
                earlier[index] = x
        return x


@contextlib.contextmanager
def working(run: Any) -> Iterator[None]:
    """Around every computation by `run`; what it changes is restored.

    cuDNN is kept from rounding float32 to TF32: the suites' tolerances are float32's. While torch.compile works, its
    compiler's own warnings are not let out: where warnings are errors (pytest settings) they would end it.
    """
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        with warnings.catch_warnings():
            if not isinstance(run, Stack):
                warnings.simplefilter("ignore")
            yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


class TorchModel:
    """`Model` of the seam. `stack` holds the weights; `run` is called: it, or its compiled form."""

    def __init__(self, stack: Any, device: Any, run: Any | None = None) -> None:
        self.stack = stack
        self.device = device
        self.run = stack if run is None else run

    @classmethod
    def build(cls, network: neutral.Network, weights: Mapping[str, Any] | None, device: Any) -> TorchModel:
        model = cls(Stack(network, device).to(device), device)
        if weights is not None:
            with torch.no_grad():
                for index, part in enumerate(model.stack.parts):
                    prefix = f"{index}."
                    part.write(
                        {
                            name[len(prefix) :]: model.take(value)
                            for name, value in weights.items()
                            if name.startswith(prefix)
                        }
                    )
        return model

    def take(self, values: Any) -> Any:
        """An array as a tensor on this model's device: float32, or int64 for integers; a copy, never shared."""
        dtype = torch.int64 if values.dtype.kind in "iu" else torch.float32
        return torch.tensor(values, dtype=dtype, device=self.device)

    def forward(self, inputs: Any, *, training: bool = False, lengths: Any | None = None) -> Any:
        self.stack.train(training)
        with torch.no_grad(), working(self.run):
            return self.run(self.take(inputs), None if lengths is None else self.take(lengths))

    def gradients(
        self, loss: neutral.Loss, inputs: Any, targets: Any, *, training: bool = False, lengths: Any | None = None
    ) -> tuple[Any, Mapping[str, Any], Any | None]:
        self.stack.train(training)
        self.stack.zero_grad(set_to_none=True)
        x = self.take(inputs)
        if x.is_floating_point():
            x.requires_grad_(True)
        with working(self.run):
            outputs = self.run(x, None if lengths is None else self.take(lengths))
            value = loss_module(loss)(outputs, self.take(targets))
            value.backward()
        found = self._read(lambda p: torch.zeros_like(p) if p.grad is None else p.grad.detach())
        self.stack.zero_grad(set_to_none=True)
        return value.detach(), found, x.grad

    def weights(self) -> Mapping[str, Any]:
        found = self._read(lambda parameter: parameter.detach())
        for index, part in enumerate(self.stack.parts):
            found.update({f"{index}.{role}": buffer.clone() for role, buffer in part.state().items()})
        return found

    def compiled(self) -> TorchModel:
        return TorchModel(self.stack, self.device, _compiled.compile_stack(self.stack, self.device))

    def _read(self, pick: Any) -> dict[str, Any]:
        return {
            f"{index}.{role}": tensor.clone()
            for index, part in enumerate(self.stack.parts)
            for role, tensor in part.read(pick).items()
        }
