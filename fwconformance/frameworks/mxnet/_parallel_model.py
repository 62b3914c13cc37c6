# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Model parallelism: groups of layers on devices of their own, as MXNet's guide does it, by `ctx_group`."""

from __future__ import annotations

from typing import Any, Mapping

import mxnet

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._network import weight_shapes
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.mxnet._arrays import to_array
from fwconformance.frameworks.mxnet._parallel import ContextsPiece, contexts
from fwconformance.frameworks.mxnet._symbols import INPUT, TARGET, Described


class ModelParallel(ContextsPiece):
    """Layers one after another on the devices; MXNet copies what crosses between them, both ways."""

    def train(self, training: Training, devices: int) -> Mapping[str, Any]:
        """See `_pieces_parallel.ModelParallel`."""
        places = contexts(self._kind, devices)
        groups = spread(training.network, devices)
        described = Described(training, places[0], group=lambda index: str(groups[index]))
        trained = described.trained()
        inputs, targets = training.batches[0]
        bound = described.graph.simple_bind(
            places[0],
            grad_req={name: "write" if name in trained else "null" for name in described.graph.list_arguments()},
            group2ctx={str(number): place for number, place in enumerate(places)},
            **{INPUT: inputs.shape, TARGET: targets.shape},
        )
        parameters, states = described.values()
        bound.copy_params_from(parameters, states)
        outputs = self._forward(bound, inputs, targets, training=False)
        settings = described.settings()
        optimizer = mxnet.optimizer.create(
            settings["optimizer"], rescale_grad=1.0 / len(inputs), **settings["optimizer_params"]
        )
        update = mxnet.optimizer.get_updater(optimizer)
        for batch in training.batches:
            self._forward(bound, *batch, training=True)
            bound.backward()
            for index, name in enumerate(trained):
                update(index, bound.grad_dict[name], bound.arg_dict[name])
        held = {name: bound.arg_dict[name] for name in parameters}
        held.update({name: bound.aux_dict[name] for name in states})
        return {
            "outputs": outputs,
            "weights": described.weights(held, places[0]),
            "held": [
                {name: value for name, value in held.items() if value.context == place and name in trained}
                for place in places
            ],
        }

    def _forward(self, bound: Any, inputs: Any, targets: Any, *, training: bool) -> Any:
        named = {
            INPUT: to_array(inputs, mxnet.cpu(), "float32"),
            TARGET: to_array(targets, mxnet.cpu(), "float32"),
        }
        return bound.forward(is_train=training, **named)[0].copy()


def spread(network: neutral.Network, devices: int) -> list[int]:
    """For each layer the device it goes to: those with weights in equal shares, the others where their input is."""
    weighted = {int(name.split(".", 1)[0]) for name in weight_shapes(network)}
    groups, before = [], 0
    for index in range(len(network.layers)):
        before += index in weighted
        groups.append(max(0, before - 1) * devices // max(1, len(weighted)))
    return groups


PIECES: Mapping[str, Any] = {"model-parallel": ModelParallel}
