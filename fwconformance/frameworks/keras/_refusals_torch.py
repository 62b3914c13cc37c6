# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What Keras does not distribute on torch, each by a measurement of what it does instead."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch
from keras import distribution

from fwconformance.frameworks._probes import Seen
from fwconformance.frameworks._torchrun import Place, shares
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel
from fwconformance.frameworks.keras._training import KerasTrainer


def fit_exchanges(training: Training, backend: Backend, place: Place) -> Seen:
    """In a worker: one epoch of `fit` on its share, under `keras.distribution.DataParallel` if that can be set."""
    said = _set(lambda: distribution.DataParallel(devices=[f"{place.device}"] * place.world))
    try:
        model = KerasModel(training.network, backend, place.device, training.weights)
        KerasTrainer(model, training.loss, training.optimizer)
        _fit(model, training, place)
    finally:
        distribution.set_distribution(None)
    apart = _apart(model, place)
    return Seen(
        absent=apart > 0,
        evidence=f"keras.Model.fit on torch, in {place.world} processes of one torch.distributed group, each on its "
        f"share: the weights of the processes are {apart:.1e} apart afterwards; {said}",
    )


def shards(training: Training, backend: Backend, place: Place) -> Seen:
    """In a worker: `fully_shard` on the Keras model, then one epoch of `fit`."""
    from torch.distributed import fsdp
    from torch.distributed.device_mesh import init_device_mesh

    model = KerasModel(training.network, backend, place.device, training.weights)
    mesh = init_device_mesh(place.device.partition(":")[0], (place.world,))
    fsdp.fully_shard(model.native, mesh=mesh)
    KerasTrainer(model, training.loss, training.optimizer)
    _fit(model, training, place)
    kernel = model.native.trainable_variables[0]
    local = tuple(getattr(kernel.value, "to_local", lambda: kernel.value)().shape)
    apart = _apart(model, place)
    return Seen(
        absent=local == tuple(kernel.shape) or apart > 0,
        evidence=f"a Keras model on torch given to torch's fully_shard over {place.world} processes: of {kernel.path} "
        f"{tuple(kernel.shape)} each computes with {local}, and after fit their weights are {apart:.1e} apart; "
        f"{_library()}",
    )


def splits(backend: Backend, device: str) -> Seen:
    """Weights of a dense layer asked to be split in two by `keras.distribution.ModelParallel`."""
    devices = [f"{device.partition(':')[0]}:{index}" for index in range(2)]
    layouts = distribution.LayoutMap(distribution.DeviceMesh((1, 2), ["batch", "model"], devices))
    layouts["kernel"] = (None, "model")
    said = _set(lambda: distribution.ModelParallel(layout_map=layouts, batch_dim_name="batch"))
    try:
        with backend.scope(device):
            layer = keras.layers.Dense(8)
            layer.build((None, 6))
            held = layer.kernel.value
            local = tuple(getattr(held, "to_local", lambda: held)().shape)
    finally:
        distribution.set_distribution(None)
    return Seen(
        absent=local == (6, 8),
        evidence=f"{said}, but on torch a kernel of (6, 8) to be split over {', '.join(devices)} lies as one "
        f"{type(held).__name__} of {local} on {held.device}; {_library()}",
    )


def _set(make: Any) -> str:
    """Set what `make` makes as Keras' distribution; what came of it, in words."""
    try:
        distribution.set_distribution(make())
    except (AttributeError, NotImplementedError, RuntimeError, ValueError) as error:
        return f"keras.distribution.set_distribution: {type(error).__name__}: {error}"
    return f"{type(distribution.distribution()).__name__} was accepted by keras.distribution.set_distribution"


def _library() -> str:
    """What `keras.distribution` says where it must ask the backend."""
    try:
        return f"keras.distribution.list_devices() gives {distribution.list_devices()}"
    except (AttributeError, NotImplementedError) as error:
        return f"keras.distribution.list_devices(): {type(error).__name__}: {error}"


def _fit(model: KerasModel, training: Training, place: Place) -> None:
    parts = list(shares(torch, training, place))
    inputs, targets = (np.concatenate([part[side].cpu().numpy() for part in parts]) for side in (0, 1))
    with model.backend.scope(place.device):
        model.native.fit(inputs, targets, batch_size=len(parts[0][0]), epochs=1, shuffle=False, verbose=0)


def _apart(model: KerasModel, place: Place) -> float:
    """The largest difference between the replicas of the first and of the last worker, the same in all of them."""
    values = torch.cat([value.detach().reshape(-1) for value in model.weights().values()])
    everywhere = [torch.empty_like(values) for _ in range(place.world)]
    torch.distributed.all_gather(everywhere, values)
    return float((everywhere[0] - everywhere[-1]).abs().max())
