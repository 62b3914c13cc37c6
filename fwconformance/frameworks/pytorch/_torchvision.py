# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "torchvision": the architectures that TorchVision defines, and its way of fetching their weights."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import importlib
import tempfile
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import torch
from torch import nn

from fwconformance.frameworks._estimators import imported
from fwconformance.frameworks._loopback import served, tear
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import NotAdapted, Unavailable

models = imported("torchvision", "torchvision", "torch-cpu").models

_SEED = 20200101
_TASKS = {
    "classification": models,
    "segmentation": importlib.import_module("torchvision.models.segmentation"),
    "detection": importlib.import_module("torchvision.models.detection"),
    "video classification": importlib.import_module("torchvision.models.video"),
    "optical flow": importlib.import_module("torchvision.models.optical_flow"),
    "quantized classification": importlib.import_module("torchvision.models.quantization"),
}
#: Published is what loading the weights gives: GoogLeNet drops the two classifiers that only training needs.
_AS_PUBLISHED: Mapping[str, Mapping[str, Any]] = {
    "googlenet": {"aux_logits": False, "init_weights": False},
    "inception_v3": {"init_weights": False},
}


class TorchVision:
    """The piece."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def listing(self) -> Mapping[str, Sequence[str]]:
        return {task: models.list_models(module=module) for task, module in _TASKS.items()}

    def built(self, name: str) -> Mapping[str, Any]:
        return _weights(self._model(name))

    def trained_names(self, name: str) -> Sequence[str]:
        return [each for each, _ in self._model(name).named_parameters()]

    def forward(self, name: str, images: Any) -> Any:
        with torch.no_grad():
            return self._model(name)(self._take(images))

    def prepared(self, name: str, images: Any) -> Any:
        transform = models.get_model_weights(name).DEFAULT.transforms()
        return transform(torch.as_tensor(images, device=self._device).to(torch.uint8))

    def fine_tuned(self, name: str, images: Any, labels: Any, *, classes: int, steps: int) -> Mapping[str, Any]:
        model, head = self._model(name), ""
        for parameter in model.parameters():
            parameter.requires_grad = False
        for each, module in model.named_modules():
            head = each if isinstance(module, nn.Linear) else head
        with _seeded():
            replacement = nn.Linear(model.get_submodule(head).in_features, classes).to(self._device)
        owner, _, last = head.rpartition(".")
        setattr(model.get_submodule(owner), last, replacement)
        at_first = _weights(model)
        optimizer = torch.optim.SGD(replacement.parameters(), lr=0.1, momentum=0.9)
        inputs, targets = self._take(images), torch.as_tensor(labels, device=self._device)
        losses = []
        for _ in range(steps):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(inputs), targets)
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        split = {"before": at_first, "after": _weights(model)}
        found: dict[str, Any] = {"losses": losses}
        for when, weights in split.items():
            mine = {key for key in weights if key.startswith(f"{head}.")}
            found[f"head {when}"] = {key: weights[key] for key in mine}
            found[f"frozen {when}"] = {key: value for key, value in weights.items() if key not in mine}
        return found

    def downloaded(self, name: str, folder: str, *, torn: bool) -> Mapping[str, Any]:
        choice = models.get_model_weights(name).DEFAULT
        stored = self._model(name).state_dict()
        with tempfile.TemporaryDirectory() as offered, served(Path(offered)) as address:
            # The digest's first characters stand in the file's name: that is what `check_hash` looks at.
            path = Path(offered, "weights.pth")
            torch.save(stored, path)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
            if torn:
                tear(path)
            path.rename(path.with_name(f"{name}-{digest}.pth"))
            url = f"{address}/{name}-{digest}.pth"
            elsewhere = replaced(choice, "_value_", lambda value: dataclasses.replace(value, url=url))
            with _kept_in(folder), elsewhere:
                try:
                    loaded = models.get_model(name, weights=choice, progress=False)
                except RuntimeError as refusal:
                    return {"stored": _floats(stored), "error": str(refusal)}
        return {"stored": _floats(stored), "loaded": _floats(loaded.to(self._device).state_dict())}

    def recognised(self, name: str, images: Any, folder: str) -> Any:
        choice = models.get_model_weights(name).DEFAULT
        with _kept_in(folder):
            try:
                model = models.get_model(name, weights=choice, progress=False)
            except OSError as error:
                raise Unavailable(f"the weights of {name} cannot be fetched: {error}") from None
        with torch.no_grad():
            return model.to(self._device).eval()(self.prepared(name, images))

    def _model(self, name: str) -> Any:
        with _seeded():
            made = models.get_model(name, weights=None, **_AS_PUBLISHED.get(name, {}))
        return made.to(self._device).eval()

    def _take(self, values: Any) -> Any:
        return torch.as_tensor(values, dtype=torch.float32, device=self._device)


def _weights(model: Any) -> dict[str, Any]:
    return _floats(model.state_dict())


def _floats(state: Mapping[str, Any]) -> dict[str, Any]:
    """Without the counts of batches that batch normalisation keeps, which are integers."""
    return {name: value.detach().clone() for name, value in state.items() if value.is_floating_point()}


@contextlib.contextmanager
def _kept_in(folder: str) -> Iterator[None]:
    before = torch.hub.get_dir()
    torch.hub.set_dir(folder)
    try:
        yield
    finally:
        torch.hub.set_dir(before)


@contextlib.contextmanager
def _seeded() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(_SEED)
        yield


def piece(name: str, device: Any) -> TorchVision:
    """The piece. Raises NotAdapted for a TorchVision that does not list what it has."""
    if not hasattr(models, "list_models"):
        raise NotAdapted("the adapter asks TorchVision for its own listing, which came with 0.14")
    return TorchVision(device)
