# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The adapter: `Framework` of the seam for PyTorch."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Mapping, Sequence

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import Model, Sabotage, TensorInfo, Trainer, Unavailable
from fwconformance.frameworks.pytorch import _xla
from fwconformance.frameworks.pytorch._xla import CLIENTS


class PyTorch:
    name = "pytorch"
    backend = ""

    def __init__(self, *, backend: str = "", device: str = "cpu") -> None:
        if backend:
            raise ValueError(f"PyTorch has no backend to choose, {backend!r} was asked for: leave it out")
        import torch

        self._torch = torch
        self.device = self._resolve(device)
        kind, _, index = self.device.partition(":")
        self._xla = kind in CLIENTS
        self._device = torch.device(f"xla:{index or 0}" if self._xla else self.device)
        # XLA on the host's CPU is the software of an accelerator, without one.
        self.evidence = "simulated" if kind == "xla" else "hardware"

    def _resolve(self, device: str) -> str:
        words = {"cpu": "CPU", "cuda": "CUDA", "mps": "MPS", "xpu": "XPU"}
        if device == "auto":
            return next((kind for kind in self.devices() if kind not in {"cpu", "xla"}), "cpu")
        kind, _, index = device.partition(":")
        if kind not in {*words, *CLIENTS} or (":" in device and not index.isdigit()):
            raise ValueError(
                f"PyTorch does not run on {device!r} here; known devices are {', '.join((*words, *CLIENTS))}, auto, "
                "and with a number the further ones of a kind (cuda:1)"
            )
        if kind in CLIENTS:
            return _xla.resolve(device)
        if kind not in self._present():
            raise Unavailable(f"no {words[kind]} device")
        if int(index or 0) >= self._count(kind):
            raise Unavailable(f"no device {device}: PyTorch sees {self._count(kind)} of that kind")
        return kind if not int(index or 0) else device

    def _count(self, kind: str) -> int:
        module: Any = getattr(self._torch, kind, None)
        return int(module.device_count()) if hasattr(module, "device_count") else 1

    def versions(self) -> Mapping[str, str]:
        found = {"torch": str(self._torch.__version__)}
        if self._xla:
            found["torch_xla"] = str(importlib.import_module("torch_xla").__version__)
        return found

    def devices(self) -> Sequence[str]:
        found = list(self._present())
        if _xla.installed():
            with contextlib.suppress(Unavailable):
                found += [kind for kind in CLIENTS if kind == _xla.start()]
        return found

    def _present(self) -> Sequence[str]:
        """Without XLA's, whose client takes seconds to start."""
        torch = self._torch
        found: list[str] = ["cpu"]
        if torch.cuda.is_available():
            found.append("cuda")
        # Older releases lack the modules of the other two.
        if hasattr(torch.backends, "mps") and torch.backends.mps.is_available():
            found.append("mps")
        if hasattr(torch, "xpu") and torch.xpu.is_available():
            found.append("xpu")
        return found

    def describe(self, tensor: Any) -> TensorInfo:
        if not isinstance(tensor, self._torch.Tensor):
            raise TypeError(f"not a torch.Tensor but {type(tensor).__module__}.{type(tensor).__qualname__}")
        where = tensor.device
        # All of XLA's devices are of one type in torch: which client computes was asked when it started.
        kind = self.device.partition(":")[0] if self._xla and where.type == "xla" else where.type
        return TensorInfo(
            device=f"{kind}:{where.index}" if where.index else kind,
            dtype=str(tensor.dtype).replace("torch.", ""),
            shape=tuple(tensor.shape),
            native_type=f"{type(tensor).__module__}.{type(tensor).__qualname__}",
        )

    def to_numpy(self, tensor: Any) -> Any:
        _xla.finish(tensor.device)
        # On the CPU, numpy() is a view of the tensor's memory, which training changes in place.
        return tensor.detach().cpu().numpy().copy()

    def seed(self, seed: int) -> None:
        self._torch.manual_seed(seed)
        if self._xla:
            _xla.seed(seed)

    def build(self, network: neutral.Network, weights: Mapping[str, Any] | None = None) -> Model:
        from fwconformance.frameworks.pytorch._model import TorchModel

        return TorchModel.build(network, weights, self._device)

    def trainer(self, model: Any, loss: neutral.Loss, optimizer: neutral.Optimizer) -> Trainer:
        from fwconformance.frameworks.pytorch._training import TorchTrainer

        return TorchTrainer(model, loss, optimizer)

    def adam_placement(self) -> str:
        return "corrected"

    def own_conventions(self, kind: str) -> Mapping[str, Any]:
        """Measured: see `Seam.own_conventions`."""
        from fwconformance.frameworks.pytorch._optimizers import own_conventions

        return own_conventions(kind)

    def piece(self, name: str) -> Any:
        from fwconformance.frameworks.pytorch._pieces import piece

        return piece(name, self._device)

    def sabotages(self) -> Sequence[Sabotage]:
        from fwconformance.frameworks.pytorch._sabotages import SABOTAGES

        return SABOTAGES
