# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Pieces for research: autograd over autograd, and an operator by TORCH_LIBRARY."""

from __future__ import annotations

from typing import Any, Mapping

import torch

from fwconformance.frameworks._torchoperator import operator, project


class _Piece:
    def __init__(self, device: Any) -> None:
        self._device = device

    def _take(self, values: Any) -> Any:
        return torch.tensor(values, dtype=torch.float32, device=self._device)

    def _leaves(self, weights: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._take(value).requires_grad_(True) for name, value in weights.items()}


def _outputs(leaves: Mapping[str, Any], x: Any) -> Any:
    hidden = torch.tanh(torch.matmul(x, leaves["w1"]) + leaves["b1"])
    return torch.matmul(hidden, leaves["w2"])


class HigherOrderPiece(_Piece):
    """`torch.autograd.grad` with `create_graph`."""

    def penalty(self, weights: Mapping[str, Any], inputs: Any) -> tuple[Any, Mapping[str, Any]]:
        leaves, x = self._leaves(weights), self._take(inputs).requires_grad_(True)
        (slope,) = torch.autograd.grad(_outputs(leaves, x).sum(), x, create_graph=True)
        penalty = (slope**2).sum() / 2
        return penalty.detach(), dict(zip(leaves, torch.autograd.grad(penalty, list(leaves.values()))))

    def hessian_vector(
        self, weights: Mapping[str, Any], along: Mapping[str, Any], inputs: Any, targets: Any
    ) -> Mapping[str, Any]:
        leaves = self._leaves(weights)
        loss = torch.mean((_outputs(leaves, self._take(inputs)) - self._take(targets)) ** 2)
        slopes = torch.autograd.grad(loss, list(leaves.values()), create_graph=True)
        vector = [self._take(along[name]) for name in leaves]
        return dict(zip(leaves, torch.autograd.grad(slopes, list(leaves.values()), grad_outputs=vector)))

    def third(self, inputs: Any) -> Any:
        x = self._take(inputs).requires_grad_(True)
        value = torch.tanh(x)
        for _ in range(3):
            (value,) = torch.autograd.grad(value.sum(), x, create_graph=True)
        return value.detach()


class CustomOperatorPiece(_Piece):
    """`torch.ops.load_library`."""

    def project(self) -> Mapping[str, Any]:
        return project(torch)

    def forward(self, library: str, inputs: Any) -> Any:
        return operator(torch, library)(self._take(inputs))

    def network(
        self, library: str, weights: Mapping[str, Any], inputs: Any, targets: Any
    ) -> tuple[Any, Mapping[str, Any]]:
        leaves = self._leaves(weights)
        hidden = operator(torch, library)(torch.matmul(self._take(inputs), leaves["w1"]) + leaves["b1"])
        loss = torch.mean((torch.matmul(hidden, leaves["w2"]) - self._take(targets)) ** 2)
        return loss.detach(), dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values()))))


def piece(name: str, device: Any) -> Any:
    """The piece "higher-order" or "custom-operator"."""
    return {"higher-order": HigherOrderPiece, "custom-operator": CustomOperatorPiece}[name](device)
