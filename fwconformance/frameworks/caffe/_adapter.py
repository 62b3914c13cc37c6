# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The adapter: `Framework` of the seam for Caffe."""

from __future__ import annotations

import os
from typing import Any, Mapping, Sequence

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import Model, Sabotage, TensorInfo, Trainer, Unavailable


class Caffe:
    name = "caffe"
    backend = ""

    def __init__(self, *, backend: str = "", device: str = "cpu") -> None:
        if backend:
            raise ValueError(f"Caffe has no backend to choose, {backend!r} was asked for: leave it out")
        if device not in ("cpu", "cuda", "auto"):
            raise ValueError(f"Caffe does not run on {device!r}; known devices are cpu, cuda, auto")
        # Its log of every layer of every net goes to the terminal otherwise; read once, at import.
        os.environ.setdefault("GLOG_minloglevel", "2")
        import caffe

        if getattr(caffe, "not_built", ""):
            # Of the placeholder, see `building`.
            raise Unavailable(caffe.not_built)
        self._caffe = caffe
        if device == "cuda":
            raise Unavailable("Caffe was built for the CPU alone here: set_mode_gpu would end the process")
        self.device = "cpu"
        caffe.set_mode_cpu()

    def versions(self) -> Mapping[str, str]:
        return {"caffe": str(self._caffe.__version__)}

    def devices(self) -> Sequence[str]:
        return ["cpu"]

    def describe(self, tensor: Any) -> TensorInfo:
        if not isinstance(tensor, self._caffe._caffe.Blob):  # noqa: SLF001  # its public modules do not name the class
            raise TypeError(f"not a Caffe blob but {type(tensor).__module__}.{type(tensor).__qualname__}")
        return TensorInfo(
            device="cpu",
            dtype=tensor.data.dtype.name,
            shape=tuple(tensor.shape),
            native_type=f"{type(tensor).__module__}.{type(tensor).__qualname__}",
        )

    def to_numpy(self, tensor: Any) -> Any:
        # What `data` gives is a view of the blob's memory.
        return tensor.data.copy()

    def seed(self, seed: int) -> None:
        self._caffe.set_random_seed(seed)

    def build(self, network: neutral.Network, weights: Mapping[str, Any] | None = None) -> Model:
        from fwconformance.frameworks.caffe._model import CaffeModel

        return CaffeModel(network, weights)

    def trainer(self, model: Any, loss: neutral.Loss, optimizer: neutral.Optimizer) -> Trainer:
        from fwconformance.frameworks.caffe._training import SolverTrainer

        return SolverTrainer(model, loss, optimizer)

    def adam_placement(self) -> str:
        return "uncorrected"

    def own_conventions(self, kind: str) -> Mapping[str, Any]:
        """Measured: see `Seam.own_conventions`."""
        from fwconformance.frameworks.caffe._optimizers import own_conventions

        return own_conventions(kind)

    def piece(self, name: str) -> Any:
        from fwconformance.frameworks.caffe._pieces import piece

        return piece(name)

    def sabotages(self) -> Sequence[Sabotage]:
        from fwconformance.frameworks.caffe._sabotages import SABOTAGES

        return SABOTAGES
