# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The adapter: `Framework` of the seam for Caffe2."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import Model, Sabotage, TensorInfo, Trainer, Unavailable


class Caffe2:
    name = "caffe2"
    backend = ""

    def __init__(self, *, backend: str = "", device: str = "cpu") -> None:
        if backend:
            raise ValueError(f"Caffe2 has no backend to choose, {backend!r} was asked for: leave it out")
        if device not in ("cpu", "cuda", "auto"):
            raise ValueError(f"Caffe2 does not run on {device!r}; known devices are cpu, cuda, auto")
        from caffe2.python import workspace

        if device == "cuda":
            raise Unavailable("the Caffe2 adapter works on the CPU alone")
        self._workspace = workspace
        self.device = "cpu"

    def versions(self) -> Mapping[str, str]:
        # Caffe2 has had no version of its own since PyTorch carried it.
        from importlib import metadata

        return {"torch": metadata.version("torch")}

    def devices(self) -> Sequence[str]:
        return ["cpu"]

    def describe(self, tensor: Any) -> TensorInfo:
        if not isinstance(tensor, self._workspace.C.Blob) or not tensor.is_tensor():
            raise TypeError(f"not a Caffe2 tensor blob but {type(tensor).__module__}.{type(tensor).__qualname__}")
        return TensorInfo(
            device="cpu",
            dtype=tensor.fetch().dtype.name,
            shape=tuple(tensor.tensor().shape),
            native_type=f"{type(tensor).__module__}.{type(tensor).__qualname__}",
        )

    def to_numpy(self, tensor: Any) -> Any:
        return tensor.fetch().copy()

    def seed(self, seed: int) -> None:
        from fwconformance.frameworks.caffe2._nets import seed_with

        seed_with(seed)

    def build(self, network: neutral.Network, weights: Mapping[str, Any] | None = None) -> Model:
        from fwconformance.frameworks.caffe2._model import Caffe2Model

        return Caffe2Model(network, weights)

    def trainer(self, model: Any, loss: neutral.Loss, optimizer: neutral.Optimizer) -> Trainer:
        from fwconformance.frameworks.caffe2._training import NetTrainer

        return NetTrainer(model, loss, optimizer)

    def adam_placement(self) -> str:
        return "uncorrected"

    def own_conventions(self, kind: str) -> Mapping[str, Any]:
        from fwconformance.frameworks.caffe2._optimizers import own_conventions

        return own_conventions(kind)

    def piece(self, name: str) -> Any:
        from fwconformance.frameworks.caffe2._pieces import piece

        return piece(name)

    def sabotages(self) -> Sequence[Sabotage]:
        from fwconformance.frameworks.caffe2._sabotages import SABOTAGES

        return SABOTAGES
