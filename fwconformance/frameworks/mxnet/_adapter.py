# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The adapter: `Framework` of the seam for MXNet."""

from __future__ import annotations

import warnings
from typing import Any, Mapping, Sequence

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import Model, Sabotage, TensorInfo, Trainer, Unavailable


class MXNet:
    name = "mxnet"
    backend = ""

    def __init__(self, *, backend: str = "", device: str = "cpu") -> None:
        if backend:
            raise ValueError(f"MXNet has no backend to choose, {backend!r} was asked for: leave it out")
        with warnings.catch_warnings():
            # Its last release uses names that NumPy has deprecated since; where warnings are errors it could not be
            # imported.
            warnings.simplefilter("ignore", DeprecationWarning)
            import mxnet

        self._mxnet = mxnet
        self.device = self._resolve(device)
        self._context = mxnet.gpu() if self.device == "cuda" else mxnet.cpu()

    def _resolve(self, device: str) -> str:
        present = self.devices()
        if device == "auto":
            return present[-1]
        if device not in ("cpu", "cuda"):
            raise ValueError(f"MXNet does not run on {device!r} here; known devices are cpu, cuda, auto")
        if device not in present:
            raise Unavailable("no CUDA device")
        return device

    def versions(self) -> Mapping[str, str]:
        return {"mxnet": str(self._mxnet.__version__)}

    def devices(self) -> Sequence[str]:
        try:
            gpus = self._mxnet.context.num_gpus()
        except self._mxnet.MXNetError:
            # A build with CUDA on a machine without its driver raises here instead of counting none.
            gpus = 0
        return ["cpu", "cuda"] if gpus else ["cpu"]

    def describe(self, tensor: Any) -> TensorInfo:
        if not isinstance(tensor, self._mxnet.nd.NDArray):
            raise TypeError(f"not an mxnet NDArray but {type(tensor).__module__}.{type(tensor).__qualname__}")
        where = tensor.context
        kind = "cuda" if where.device_type == "gpu" else where.device_type
        return TensorInfo(
            device=f"{kind}:{where.device_id}" if where.device_id else kind,
            dtype=tensor.dtype.__name__,
            shape=tuple(tensor.shape),
            native_type=f"{type(tensor).__module__}.{type(tensor).__qualname__}",
        )

    def to_numpy(self, tensor: Any) -> Any:
        # Also where the engine, which runs behind, reports what went wrong in computing it.
        return tensor.asnumpy()

    def seed(self, seed: int) -> None:
        self._mxnet.random.seed(seed)

    def build(self, network: neutral.Network, weights: Mapping[str, Any] | None = None) -> Model:
        from fwconformance.frameworks.mxnet._model import GluonModel

        return GluonModel.build(network, weights, self._context)

    def trainer(self, model: Any, loss: neutral.Loss, optimizer: neutral.Optimizer) -> Trainer:
        from fwconformance.frameworks.mxnet._training import GluonTrainer

        return GluonTrainer(model, loss, optimizer)

    def adam_placement(self) -> str:
        return "uncorrected"

    def own_conventions(self, kind: str) -> Mapping[str, Any]:
        """Measured: see `Seam.own_conventions`."""
        from fwconformance.frameworks.mxnet._optimizers import own_conventions

        return own_conventions(kind)

    def piece(self, name: str) -> Any:
        from fwconformance.frameworks.mxnet._pieces import piece

        return piece(name, self._context)

    def sabotages(self) -> Sequence[Sabotage]:
        from fwconformance.frameworks.mxnet._sabotages import SABOTAGES

        return SABOTAGES
