# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What PyTorch's users wait for beside the work: torch.utils.data, and a state_dict as its guide to saving has it."""

from __future__ import annotations

import os
import pathlib
from typing import Any, Callable, Mapping

import torch
from torch.utils.data import DataLoader, TensorDataset

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._costs import Readings
from fwconformance.frameworks._pieces_costs import Pass
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.pytorch._model import TorchModel
from fwconformance.frameworks.pytorch._speed import Speed, wait_for

_FILE = "weights.pt"


class Costs(Readings):
    """See `fwconformance.frameworks._pieces_costs.Costs`."""

    loader = "torch.utils.data.DataLoader over a TensorDataset, in this process"
    saved = "torch.save of a state_dict, torch.load into a module that was built anew"

    def __init__(self, device: Any) -> None:
        super().__init__(lambda: Speed(device))
        self._device = device

    def first_steps(self, work: Training, mode: str, steps: int) -> Mapping[str, Any]:
        # What torch.compile kept of an earlier process would make this one's first call another's second.
        os.environ["TORCHINDUCTOR_FORCE_DISABLE_CACHES"] = "1"
        return super().first_steps(work, mode, steps)

    def passes(self, folder: str, inputs: Any, targets: Any, batch: int, *, shuffle: bool, seed: int) -> Pass:
        records = TensorDataset(torch.from_numpy(inputs), torch.from_numpy(targets))
        generator = torch.Generator().manual_seed(seed)
        loader = DataLoader(records, batch_size=batch, shuffle=shuffle, generator=generator)
        device = self._device
        return lambda: ((x.to(device), wanted.to(device)) for x, wanted in loader)

    def keep(self, inputs: Any, targets: Any) -> tuple[Any, Any]:
        return inputs, targets.to(torch.float32)

    def settle(self) -> None:
        wait_for(self._device)

    def save(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        torch.save(model.stack.state_dict(), str(pathlib.Path(folder, _FILE)))
        return {"file": _FILE}

    def load(self, folder: str, described: Mapping[str, str], network: neutral.Network) -> Callable[[Any], Any]:
        model = TorchModel.build(network, None, self._device)
        stored = torch.load(str(pathlib.Path(folder, described["file"])), map_location=self._device)
        model.stack.load_state_dict(stored)
        return model.forward


def piece(name: str, device: Any) -> Costs:
    """The piece "costs"."""
    return Costs(device)
