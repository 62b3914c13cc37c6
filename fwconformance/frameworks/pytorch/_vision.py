# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Images by tensor operations and records by torch.utils.data; PyTorch defines networks in code alone."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, NoReturn, Sequence

import numpy as np
import torch
from torch.utils.data import ConcatDataset, DataLoader, TensorDataset

from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.pytorch._losses import loss_module
from fwconformance.frameworks.pytorch._model import TorchModel
from fwconformance.frameworks.pytorch._training import optimizer_of


class PreprocessingPiece:
    """Tensor operations: PyTorch's transforms for images are another package, torchvision."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def batch(self, images: Any, mean: Any, scale: float, height: int, width: int) -> Any:
        given = torch.tensor(images, dtype=torch.float32, device=self._device).flip(-1).permute(0, 3, 1, 2)
        top, left = (given.shape[2] - height) // 2, (given.shape[3] - width) // 2
        cut = given[:, :, top : top + height, left : left + width]
        means = torch.tensor(mean, dtype=torch.float32, device=self._device)
        return (cut - means[:, None, None]) * scale


class DataFilesPiece:
    """Tensors that torch.save wrote, a TensorDataset of each file, and a DataLoader over them all."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def write(self, folder: str, images: Any, labels: Any, files: int) -> None:
        parts = zip(np.array_split(images, files), np.array_split(labels, files))
        for number, (some, theirs) in enumerate(parts):
            held = {"images": torch.from_numpy(some.copy()), "labels": torch.from_numpy(theirs.copy())}
            torch.save(held, str(pathlib.Path(folder, f"records-{number:03d}.pt")))

    def read(
        self, folder: str, batch: int, count: int, *, shuffle: bool = False, seed: int = 0
    ) -> Sequence[tuple[Any, Any]]:
        found = self._batches(folder, batch, count, shuffle=shuffle, seed=seed)
        return [(images.to(self._device), labels.to(self._device, torch.float32)) for images, labels in found]

    def train(self, folder: str, training: Training, batch: int, steps: int) -> Mapping[str, Any]:
        model = TorchModel.build(training.network, training.weights, self._device)
        optimizer = optimizer_of(training.optimizer, model.stack.parameters())
        measure = loss_module(training.loss)
        for images, labels in self._batches(folder, batch, steps):
            optimizer.zero_grad()
            measure(model.stack(images.to(self._device)), labels.to(self._device)).backward()
            optimizer.step()
        return model.weights()

    @staticmethod
    def _batches(folder: str, batch: int, count: int, *, shuffle: bool = False, seed: int = 0) -> Sequence[Any]:
        stored = [torch.load(str(path)) for path in sorted(pathlib.Path(folder).glob("*.pt"))]
        records = ConcatDataset([TensorDataset(one["images"], one["labels"]) for one in stored])
        loader = DataLoader(records, batch_size=batch, shuffle=shuffle, generator=torch.Generator().manual_seed(seed))
        found: list[Any] = []
        while len(found) < count:
            found.extend(loader)
        return found[:count]


def written_networks(root: Any = torch) -> Lookup:
    """What would write or read a network as data, where such things are in other frameworks."""
    places = ("nn.Module.", "nn.Sequential.", "nn.", "nn.utils.", "")
    names = ("to_json", "from_json", "get_config", "from_config", "model_from_json", "to_yaml", "from_yaml")
    return Lookup(root=root, label="torch", names=tuple(place + name for place in places for name in names))


def _refused() -> NoReturn:
    note = "networks are programs: torch.export and TorchScript store what was traced from one"
    refuse(written_networks(), note=note)


def piece(name: str, device: Any) -> Any:
    """The piece `name`. Raises `Unsupported` for networks as text."""
    if name == "definition":
        _refused()
    return {"preprocessing": PreprocessingPiece, "data-files": DataFilesPiece}[name](device)
