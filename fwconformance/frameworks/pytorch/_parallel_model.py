# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Tensor parallelism: `parallelize_module` splits the weights of dense layers over a mesh of devices."""

from __future__ import annotations

from typing import Any, Mapping

import torch
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.tensor import Replicate, parallel

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.pytorch._losses import loss_module
from fwconformance.frameworks.pytorch._model import TorchModel, working
from fwconformance.frameworks.pytorch._parallel import Piece
from fwconformance.frameworks.pytorch._parallel_sharded import held, whole
from fwconformance.frameworks.pytorch._training import optimizer_of

#: Layers that work on each value by itself, so on a split tensor as on a whole one.
_ELEMENTWISE = (neutral.Activation, neutral.Dropout)


class ModelParallel(Piece):
    """Dense layers in pairs, the first split by columns and the second by rows, as the tutorial does."""

    def train(self, training: Training, devices: int) -> Mapping[str, Any]:
        """See `_pieces_parallel.ModelParallel`."""
        with self.meeting() as place:
            mesh = init_device_mesh(self._kind, (place.world,))
            model = TorchModel.build(training.network, training.weights, torch.device(place.device))
            parallel.parallelize_module(model.stack, mesh, plan(training.network))
            optimizer = optimizer_of(training.optimizer, [p for p in model.stack.parameters() if p.requires_grad])
            measure = loss_module(training.loss)
            outputs = model.forward(training.batches[0][0])
            model.stack.train()
            for inputs, targets in training.batches:
                optimizer.zero_grad()
                with working(model.run):
                    measure(model.run(model.take(inputs)), model.take(targets)).backward()
                optimizer.step()
            return {"outputs": outputs, "weights": whole(model), "held": [held(model)]}


def plan(network: neutral.Network) -> dict[str, Any]:
    """How each dense layer of `network` is split, by PyTorch's module name.

    A layer split by columns gives its columns to the next one split by rows where nothing but element-wise layers lies
    between them; where none follows, its columns are gathered. Raises NotAdapted for other layers with weights.
    """
    styles: dict[str, Any] = {}
    waiting = ""
    for index, layer in enumerate(network.layers):
        name = f"parts.{index}.inner"
        if isinstance(layer, neutral.Dense):
            if waiting:
                styles[name], waiting = parallel.RowwiseParallel(), ""
            else:
                styles[name], waiting = parallel.ColwiseParallel(), name
        elif isinstance(layer, (neutral.Flatten, *_ELEMENTWISE)):
            if waiting and (isinstance(layer, neutral.Flatten) or getattr(layer, "kind", "") == "softmax"):
                styles[waiting], waiting = parallel.ColwiseParallel(output_layouts=Replicate()), ""
        else:
            raise NotAdapted(f"the PyTorch adapter splits dense layers alone, not {layer!r}")
    if waiting:
        styles[waiting] = parallel.ColwiseParallel(output_layouts=Replicate())
    return styles
