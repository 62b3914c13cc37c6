# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Weights split over devices by Keras on JAX: a LayoutMap in ModelParallel, both of `keras.distribution`."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import jax
import keras

from fwconformance.frameworks._network import Conv2D, Dense, Embedding, Network, weight_shapes
from fwconformance.frameworks._protocol import Tensor
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras._parallel_jax import (
    PLATFORMS,
    ManyProcesses,
    OneProcess,
    Recorded,
    Replicas,
    pieces,
)

#: Roles of the weights that are split, along their last axis in Keras' layout, which is the neutral axis named.
_SPLIT: Mapping[type, Mapping[str, int]] = {
    Dense: {"kernel": -1, "bias": -1},
    Conv2D: {"kernel": 0, "bias": -1},
    Embedding: {"table": -1},
}
#: Keras' name of a role where it is another.
_NAMES = {"table": "embeddings"}


def layout_map(network: Network, mesh: Any, axis: str, devices: int) -> Any:
    """Every weight of `_SPLIT` whose last axis the devices divide is split over `axis` of the mesh; so is what an
    optimizer keeps for it, since Keras asks by the path, which holds the layer's and the variable's name.
    """
    found = keras.distribution.LayoutMap(mesh)
    shapes = weight_shapes(network)
    for index, spec in enumerate(network.layers):
        for role, neutral in _SPLIT.get(type(spec), {}).items():
            shape = shapes.get(f"{index}.{role}")
            if shape and shape[neutral] % devices == 0:
                path = f"layer{index}_{type(spec).__name__.lower()}.{_NAMES.get(role, role)}"
                found[path] = (*(None for _ in shape[1:]), axis)
    return found


def split(training: Training, names: Sequence[str], shape: tuple[int, int], axis: str) -> None:
    """Weights that are made from now on are split over `axis` of a mesh of `shape` (batch, model) of devices."""
    mesh = keras.distribution.DeviceMesh(shape, ["batch", "model"], list(names))
    layouts = layout_map(training.network, mesh, axis, len(names))
    distribution = keras.distribution.ModelParallel(
        layout_map=layouts, batch_dim_name="batch", auto_shard_dataset=False
    )
    keras.distribution.set_distribution(distribution)


class ModelParallel(OneProcess):
    """One row of devices: each has all rows of the batch and a part of the weights."""

    def train(self, training: Training, devices: int) -> Mapping[str, Any]:
        """See `ModelParallel` of the protocol."""
        names = keras.distribution.list_devices(PLATFORMS[self.kind])[:devices]
        split(training, names, (1, devices), "model")
        replicas = Replicas(training, self.backend, self.device, Recorded)
        replicas.fit(0, 1)
        _, outputs = replicas.native.steps[0]
        first = jax.local_devices()[0]
        weights = replicas.model.read(lambda variable: jax.device_put(variable.value, first))
        return {"outputs": jax.device_put(outputs, first), "weights": weights, "held": held(replicas)}


class ShardedDataParallel(ManyProcesses):
    """Weights split over the axis of the batch: XLA gathers them for use, and each device updates its own part."""

    def train(self, training: Training, devices: int) -> Sequence[Mapping[str, Any]]:
        """See `DataParallel` of the protocol; also "held", what each device alone held after the last step."""
        names = keras.distribution.list_devices(PLATFORMS[self.kind])
        split(training, names, (devices, 1), "batch")
        replicas = Replicas(training, self.backend, self.device, Recorded)
        replicas.fit(jax.process_index(), jax.process_count())
        gathered = {id(variable): _gathered(variable.value) for variable in replicas.model.native.weights}
        weights = [
            replicas.model.read(lambda variable, n=n: gathered[id(variable)][n])
            for n in range(jax.local_device_count())
        ]
        found = replicas.results(weights)
        return [{**each, "held": own} for each, own in zip(found, held(replicas))]


def held(replicas: Replicas) -> list[Mapping[str, Tensor]]:
    """What each device holds of each variable, by Keras' path and in Keras' layout."""
    variables = replicas.model.native.weights
    return [
        {variable.path: pieces(variable.value)[number] for variable in variables}
        for number in range(jax.local_device_count())
    ]


def _gathered(value: Any) -> list[Tensor]:
    """The whole of `value` on each device that it is split over."""
    whole = jax.sharding.NamedSharding(value.sharding.mesh, jax.sharding.PartitionSpec())
    return pieces(jax.jit(lambda each: each, out_shardings=whole)(value))
