# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
# ruff: noqa: ARG005  # a fault takes what the real function takes, and uses none of it
"""Faults planted in libraries that are built on PyTorch. Each library is imported when its fault is planted."""

from __future__ import annotations

import importlib
from importlib import metadata
from typing import Any, Callable, Sequence

import torch
from torch import nn

from fwconformance.frameworks._estimators_faults import estimator_sabotages
from fwconformance.frameworks._patching import planted, replaced
from fwconformance.frameworks._protocol import Sabotage


def _skorch_classes() -> tuple[type, type]:
    skorch = importlib.import_module("skorch")
    return skorch.NeuralNetClassifier, skorch.NeuralNet


def _forget(estimator: Any) -> None:
    with torch.no_grad():
        for parameter in estimator.module_.parameters():
            parameter.zero_()


def _without_torch(original: Any) -> Any:
    return lambda name: [each for each in original(name) or [] if not each.startswith("torch")]


def _one_class_less(original: Any) -> Any:
    return lambda name, **named: original(name, **{"num_classes": 999, **named})


def _without_digest(original: Any) -> Any:
    def download(url: str, dst: str, hash_prefix: Any = None, progress: bool = True) -> None:
        original(url, dst, None, progress)

    return download


def _zoo(name: str, case: str, apply: Callable[[], Any], description: str) -> Sabotage:
    return Sabotage(
        name=f"torchvision-{name}",
        kills="ecosystem.torchvision",
        case=case,
        apply=apply,
        description=description,
    )


def _pyro(name: str, case: str, apply: Callable[[], Any], description: str) -> Sabotage:
    return Sabotage(name=f"pyro-{name}", kills="ecosystem.pyro", case=case, apply=apply, description=description)


_MODELS = "torchvision.models"

ECOSYSTEM_SABOTAGES: Sequence[Sabotage] = (
    *estimator_sabotages("skorch", _skorch_classes, _forget, "lr"),
    _pyro(
        "stands-still",
        "variational",
        planted("pyro.infer", "SVI.step", lambda _: lambda self, *given, **named: self.evaluate_loss()),
        "SVI.step leaves the parameters as they are.",
    ),
    _pyro(
        "draws-from-prior",
        "nuts",
        planted(
            "pyro.infer",
            "MCMC.get_samples",
            lambda original: lambda self: {name: torch.randn_like(draws) for name, draws in original(self).items()},
        ),
        "MCMC.get_samples gives draws of the prior.",
    ),
    _pyro(
        "names-no-torch",
        "rests-on",
        lambda: replaced(metadata, "requires", _without_torch),
        "The metadata of distributions leave torch out.",
    ),
    _zoo(
        "lists-few",
        "lists",
        planted(_MODELS, "list_models", lambda original: lambda **named: original(**named)[:5]),
        "list_models gives five names at most.",
    ),
    _zoo(
        "class-missing",
        "parameter-counts",
        planted(_MODELS, "get_model", _one_class_less),
        "get_model builds networks for 999 classes.",
    ),
    _zoo(
        "class-missing-everywhere",
        "every-parameter-count",
        planted(_MODELS, "get_model", _one_class_less),
        "get_model builds networks for 999 classes.",
    ),
    _zoo(
        "pools-nothing",
        "forward",
        lambda: replaced(nn.AdaptiveAvgPool2d, "forward", lambda original: lambda self, x: original(self, x) * 0),
        "AdaptiveAvgPool2d gives zeros.",
    ),
    _zoo(
        "not-normalised",
        "preprocessing",
        planted("torchvision.transforms.functional", "normalize", lambda _: lambda tensor, *given, **named: tensor),
        "transforms.functional.normalize gives images as they are.",
    ),
    _zoo(
        "head-not-trained",
        "fine-tuning",
        lambda: replaced(torch.optim.SGD, "step", lambda _: lambda self, closure=None: None),
        "SGD.step does nothing.",
    ),
    _zoo(
        "weights-not-loaded",
        "download",
        lambda: replaced(nn.Module, "load_state_dict", lambda _: lambda self, *given, **named: None),
        "Module.load_state_dict does nothing.",
    ),
    _zoo(
        "digest-not-looked-at",
        "torn-download",
        lambda: replaced(torch.hub, "download_url_to_file", _without_digest),
        "torch.hub keeps a file with another digest.",
    ),
)
