# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The optional pieces, written as PyTorch's users write them."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Mapping, Sequence

import torch
from torch import nn

from fwconformance.frameworks._pieces_automl import AUTOML_PIECES
from fwconformance.frameworks._pieces_bindings import BINDING_PIECES
from fwconformance.frameworks._pieces_compile import COMPILE_PIECES
from fwconformance.frameworks._pieces_costs import COSTS_PIECES
from fwconformance.frameworks._pieces_device import DEVICE_PIECES
from fwconformance.frameworks._pieces_ecosystem import ECOSYSTEM_PIECES
from fwconformance.frameworks._pieces_export import EXPORTS
from fwconformance.frameworks._pieces_extend import EXTEND_PIECES
from fwconformance.frameworks._pieces_parallel import PARALLEL_PIECES
from fwconformance.frameworks._pieces_serving import SERVING_PIECES
from fwconformance.frameworks._pieces_speed import SPEED_PIECES
from fwconformance.frameworks._pieces_vision import VISION_PIECES
from fwconformance.frameworks._programs import no_command_line
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.pytorch._losses import LastAxisCrossEntropy
from fwconformance.frameworks.pytorch._model import working


class _Piece:
    def __init__(self, device: Any) -> None:
        self._device = device

    def _take(self, values: Any) -> Any:
        return torch.tensor(values, dtype=torch.float32, device=self._device)


class ScaleShift(nn.Module):
    """``x * scale + tanh(x) * shift``: a layer of a user's own."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(features))
        self.shift = nn.Parameter(torch.zeros(features))

    def forward(self, x: Any) -> Any:
        return x * self.scale + torch.tanh(x) * self.shift


class CustomLayerPiece(_Piece):
    def _layer(self, weights: Mapping[str, Any]) -> Any:
        layer = ScaleShift(len(weights["scale"])).to(self._device)
        layer.load_state_dict({name: self._take(value) for name, value in weights.items()})
        return layer

    def forward(self, weights: Mapping[str, Any], inputs: Any) -> Any:
        with torch.no_grad():
            return self._layer(weights)(self._take(inputs))

    def train(self, weights: Mapping[str, Any], batches: Sequence[tuple[Any, Any]], rate: float) -> Mapping[str, Any]:
        layer = self._layer(weights)
        model = nn.Sequential(layer)
        optimizer = torch.optim.SGD(model.parameters(), lr=rate)
        for inputs, targets in batches:
            optimizer.zero_grad()
            nn.functional.mse_loss(model(self._take(inputs)), self._take(targets)).backward()
            optimizer.step()
        return {name: parameter.detach().clone() for name, parameter in layer.named_parameters()}


class WrongSquare(torch.autograd.Function):
    """Square with a backward of 7 x for the true 2 x, so the framework's own cannot pass for it."""

    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x**2

    @staticmethod
    def backward(ctx: Any, upstream: Any) -> Any:
        (x,) = ctx.saved_tensors
        return upstream * 7 * x


class CustomGradientPiece(_Piece):
    def value_and_gradient(self, inputs: Any) -> tuple[Any, Any]:
        x = self._take(inputs).requires_grad_(True)
        total = WrongSquare.apply(x).sum()
        total.backward()
        return total.detach(), x.grad


class CustomLoopPiece(_Piece):
    def train(self, model: Any, batches: Sequence[tuple[Any, Any]], rate: float) -> Sequence[Any]:
        losses: list[Any] = []
        measure = LastAxisCrossEntropy()
        trained = [parameter for parameter in model.stack.parameters() if parameter.requires_grad]
        model.stack.train()
        for inputs, targets in batches:
            with working(model.run):
                loss = measure(model.run(model.take(inputs)), model.take(targets))
                slopes = torch.autograd.grad(loss, trained)
            with torch.no_grad():
                for parameter, slope in zip(trained, slopes):
                    parameter.sub_(rate * slope.sign())
            losses.append(loss.detach())
        return losses


class LowLevelPiece(_Piece):
    """Tensors, operations and autograd alone."""

    def two_layer(self, weights: Mapping[str, Any], inputs: Any, targets: Any) -> tuple[Any, Mapping[str, Any]]:
        leaves: dict[str, Any] = {name: self._take(value).requires_grad_(True) for name, value in weights.items()}
        hidden = torch.tanh(torch.matmul(self._take(inputs), leaves["w1"]) + leaves["b1"])
        loss = torch.mean((torch.matmul(hidden, leaves["w2"]) - self._take(targets)) ** 2)
        slopes = torch.autograd.grad(loss, list(leaves.values()))
        return loss.detach(), dict(zip(leaves, slopes))


_PIECES: Mapping[str, Callable[[Any], Any]] = {
    "custom-layer": CustomLayerPiece,
    "custom-gradient": CustomGradientPiece,
    "custom-loop": CustomLoopPiece,
    "low-level": LowLevelPiece,
}

#: Pieces in modules of their own, imported when asked for: piece to module. Each module has `piece(name, device)`.
_MODULES: Mapping[str, str] = {
    **dict.fromkeys(PARALLEL_PIECES, "_parallel"),
    **dict.fromkeys(EXPORTS, "_export"),
    **dict.fromkeys(EXTEND_PIECES, "_extend"),
    **dict.fromkeys(BINDING_PIECES, "_bindings"),
    **dict.fromkeys(SERVING_PIECES, "_serving"),
    **dict.fromkeys(COMPILE_PIECES, "_compile"),
    **dict.fromkeys(DEVICE_PIECES, "_accelerator"),
    **dict.fromkeys(SPEED_PIECES, "_speed"),
    **dict.fromkeys(COSTS_PIECES, "_costs"),
    "caffe2": "_caffe2",
    "operators": "_operators",
    "symbolic": "_symbolic",
    "skorch": "_skorch",
    "pyro": "_pyro",
    "torchvision": "_torchvision",
    "auto-pytorch": "_autopytorch",
    **dict.fromkeys(VISION_PIECES, "_vision"),
}

#: torch_xla has means of its own for these: SPMD and xmp.spawn, and StableHLO. Others export from the CPU. What others
#: built on PyTorch is judged where they test it.
_OFF_XLA = frozenset(
    (
        *PARALLEL_PIECES,
        *EXPORTS,
        *BINDING_PIECES,
        *SERVING_PIECES,
        *ECOSYSTEM_PIECES,
        *AUTOML_PIECES,
        "custom-operator",
    )
)


def piece(name: str, device: Any) -> Any:
    """Raises NotAdapted for a piece that this adapter does not offer, and what its module raises."""
    if name == "command-line":
        no_command_line("torch", "torch")
    if device.type == "xla" and name in _OFF_XLA:
        raise NotAdapted(f"the PyTorch adapter offers the piece {name!r} on CPUs and GPUs, not on XLA yet")
    if name in _MODULES:
        return importlib.import_module(f"{__package__}.{_MODULES[name]}").piece(name, device)
    if name not in _PIECES:
        raise NotAdapted(f"the PyTorch adapter does not offer the piece {name!r} yet")
    return _PIECES[name](device)
