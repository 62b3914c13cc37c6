# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What Keras on TensorFlow makes of `keras.distribution`: probes that look whether anything is distributed."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import tensorflow as tf

from fwconformance.frameworks._probes import Lookup, Seen, refuse
from fwconformance.frameworks._tfdistribute import OneProcess
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._native import keras


class Asked(OneProcess):
    """Asks in a worker, over logical devices of the CPU, or over the cards."""

    def __init__(self, backend: Backend, device: str) -> None:
        super().__init__(tf, device)
        self._backend = backend
        self._kind_of_keras = {"cuda": "gpu"}.get(self.kind, self.kind)

    def train(self, training: Training, devices: int) -> Any:
        """Always raises: `Unsupported`, or NotAdapted where a kernel turns out to be split."""
        self.devices(devices)
        names = keras.distribution.list_devices(self._kind_of_keras)[:devices]
        refuse(split_kernel(names), note=f"keras.distribution over {', '.join(names)}")


def split_kernel(names: Sequence[str], distribution: Any = None) -> Seen:
    """Whether a Dense kernel made under ModelParallel with a layout for it is split over devices `names`."""
    library = distribution or keras.distribution
    try:
        mesh = library.DeviceMesh((1, len(names)), ["batch", "model"], list(names))
        layouts = library.LayoutMap(mesh)
        layouts[".*kernel"] = (None, "model")
        with library.ModelParallel(layout_map=layouts, batch_dim_name="batch").scope():
            kernel = keras.layers.Dense(2 * len(names), name="split")
            kernel.build((None, 3))
    except Exception as error:
        return Seen(absent=True, evidence=f"a layout for a kernel raises {type(error).__name__}: {str(error)[:300]}")
    value = kernel.kernel.value
    whole = tuple(value.shape) == (3, 2 * len(names))
    parts = 1
    if whole and tf.experimental.dtensor.is_dtensor(value):
        own = tf.experimental.dtensor.unpack(value)
        parts = len({part.backing_device for part in own})
        whole = tuple(own[0].shape) == tuple(value.shape)
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    return Seen(
        absent=whole,
        evidence=f"a kernel given a layout that splits it is {'whole' if whole else 'split'}: a {kind} on {parts} "
        f"device(s), {getattr(value, 'device', '')}",
    )


_MAKERS: Mapping[str, Any] = {"model-parallel": Asked, "sharded-data-parallel": Asked}


def piece(name: str, backend: Backend, device: str) -> Any:
    """The piece `name` of `fwconformance.frameworks._pieces_parallel`."""
    if not hasattr(keras, "distribution"):
        names = ("distribution.ModelParallel", "distribution.LayoutMap", "distribution.DeviceMesh")
        refuse(Lookup(root=keras, label="keras", names=names))
    return _MAKERS[name](backend, device)
