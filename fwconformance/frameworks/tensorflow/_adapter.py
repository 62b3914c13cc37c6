# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""TensorFlow without Keras as a framework of the seam."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import tensorflow as tf

from fwconformance.frameworks._network import Loss, Network, Optimizer
from fwconformance.frameworks._protocol import Array, Sabotage, Tensor, TensorInfo, Unavailable, Weights
from fwconformance.frameworks.tensorflow import _pieces, _refusals
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, scope
from fwconformance.frameworks.tensorflow._training import TensorFlowTrainer

_KINDS = {"CPU": "cpu", "GPU": "cuda", "TPU": "tpu"}
_MISSING = {"cuda": "no CUDA device", "tpu": "no TPU device"}


class TensorFlow:
    """TensorFlow on one device, float32."""

    name = "tensorflow"
    backend = ""

    def __init__(self, device: str) -> None:
        here = self.devices()
        if device == "auto":
            device = next((kind for kind in ("tpu", "cuda") if kind in here), "cpu")
        kind = device.partition(":")[0]
        if kind not in here:
            raise Unavailable(_MISSING.get(kind, f"no device {device!r} for TensorFlow"))
        self.device = device

    def versions(self) -> Mapping[str, str]:
        """TensorFlow's, as the module says."""
        return {"tensorflow": tf.__version__}

    def devices(self) -> Sequence[str]:
        """Device kinds among the devices that TensorFlow sees. Asking for logical devices would initialise TensorFlow,
        after which a worker could neither split a device nor join a cluster.
        """
        found = [device.device_type for device in tf.config.get_visible_devices()]
        return tuple(dict.fromkeys(_KINDS[kind] for kind in found if kind in _KINDS))

    def describe(self, tensor: Tensor) -> TensorInfo:
        """What an eager tf.Tensor or a tf.Variable says of itself. Raises TypeError for a tensor of a graph too."""
        if not isinstance(tensor, (tf.Tensor, tf.Variable)) or not hasattr(tensor, "numpy"):
            raise TypeError("neither an eager tf.Tensor nor a tf.Variable")
        # Where the memory is: what a tf.function returns says in `device` where the function was called.
        place = tf.DeviceSpec.from_string(getattr(tensor, "backing_device", tensor.device))
        kind = _KINDS.get(place.device_type, str(place.device_type).lower())
        return TensorInfo(
            device=f"{kind}:{place.device_index}" if place.device_index else kind,
            dtype=tensor.dtype.name,
            shape=tuple(tensor.shape.as_list()),
            native_type=f"{type(tensor).__module__}.{type(tensor).__qualname__}",
        )

    def to_numpy(self, tensor: Tensor) -> Array:
        """The values, on the host."""
        return tensor.numpy()

    def seed(self, seed: int) -> None:
        """tf.random.set_seed."""
        tf.random.set_seed(seed)

    def build(self, network: Network, weights: Weights | None = None) -> TensorFlowModel:
        """A tf.Module of `network`. Raises `Unsupported` for a layer that TensorFlow has only through Keras."""
        return TensorFlowModel(network, self.device, weights)

    def trainer(self, model: TensorFlowModel, loss: Loss, optimizer: Optimizer) -> TensorFlowTrainer:
        """A tape and an optimizer of tf.compat.v1.train."""
        return TensorFlowTrainer(model, loss, optimizer)

    def adam_placement(self) -> str:
        """Measured: one step of tf.compat.v1.train.AdamOptimizer."""
        with scope(self.device):
            return _refusals.measured_placement()

    def own_conventions(self, kind: str) -> Mapping[str, Any]:
        """Measured: see `Seam.own_conventions`."""
        from fwconformance.frameworks.tensorflow._optimizers import own_conventions

        with scope(self.device):
            return own_conventions(kind)

    def piece(self, name: str) -> Any:
        """See `fwconformance.frameworks.tensorflow._pieces`."""
        return _pieces.piece(name, self.device)

    def sabotages(self) -> Sequence[Sabotage]:
        """See `fwconformance.frameworks.tensorflow._sabotages`."""
        from fwconformance.frameworks.tensorflow._sabotages import sabotages

        return sabotages(self)
