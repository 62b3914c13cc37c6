# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A torch.fx graph: nodes and placeholders are declared first; code is made from the graph and run with values."""

from __future__ import annotations

from typing import Any, Mapping

import torch
from torch import nn

from fwconformance.frameworks._probes import Lookup, refuse


class SymbolicPiece:
    def __init__(self, device: Any) -> None:
        self._device = device

    def two_layer(self, weights: Mapping[str, Any], inputs: Any) -> Any:
        from torch import fx

        graph = fx.Graph()
        x, w1, b1, w2 = (graph.placeholder(name) for name in ("x", "w1", "b1", "w2"))
        product = graph.call_function(torch.matmul, (x, w1))
        hidden = graph.call_function(torch.tanh, (graph.call_function(torch.add, (product, b1)),))
        graph.output(graph.call_function(torch.matmul, (hidden, w2)))
        graph.lint()
        module = fx.GraphModule(nn.Module(), graph)
        with torch.no_grad():
            return module(self._take(inputs), *(self._take(weights[name]) for name in ("w1", "b1", "w2")))

    def _take(self, values: Any) -> Any:
        return torch.tensor(values, dtype=torch.float32, device=self._device)


def piece(name: str, device: Any) -> SymbolicPiece:
    """Raises `Unsupported` in a PyTorch older than torch.fx (1.8)."""
    if not hasattr(torch, "fx"):
        refuse(Lookup(root=torch, label="torch", names=("fx",)))
    return SymbolicPiece(device)
