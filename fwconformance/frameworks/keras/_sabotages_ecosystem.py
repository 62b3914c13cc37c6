# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
# ruff: noqa: ARG005  # a fault takes what the real function takes, and uses none of it
"""Faults planted in libraries that are built on Keras, and in Keras Applications."""

from __future__ import annotations

import contextlib
import functools
import importlib
from typing import Any, Callable, Iterator, Sequence

from fwconformance.frameworks._estimators_faults import estimator_sabotages
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.keras._native import HAS_OPS, keras


def _scikeras_classes() -> tuple[type, type]:
    wrappers = importlib.import_module("scikeras.wrappers")
    return wrappers.KerasClassifier, wrappers.BaseWrapper


def _forget(estimator: Any) -> None:
    for weight in estimator.model_.weights:
        weight.assign(weight * 0)


@contextlib.contextmanager
def _few() -> Iterator[None]:
    """Only five architectures are there."""
    names = sorted(name for name, value in vars(keras.applications).items() if name[0].isupper() and callable(value))
    kept = {name: getattr(keras.applications, name) for name in names[5:]}
    for name in kept:
        delattr(keras.applications, name)
    try:
        yield
    finally:
        for name, value in kept.items():
            setattr(keras.applications, name, value)


def _for_few_classes(original: Any) -> Any:
    @functools.wraps(original)
    def make(**named: Any) -> Any:
        return original(**{"classes": 100, **named})

    return make


def _source(module: str, path: str, make: Callable[[Any], Any]) -> Callable[[], Any]:
    """What applies ``make`` in a module that is not public, since the public name is bound where it was imported."""

    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        with replaced(importlib.import_module(module), path, make):
            yield

    return apply


#: Where Keras keeps its own code.
_SOURCE = "keras.src" if HAS_OPS else "tensorflow.python.keras"
_FILES = "file_utils" if HAS_OPS else "data_utils"


def _zoo(name: str, case: str, apply: Callable[[], Any], description: str) -> Sabotage:
    return Sabotage(
        name=f"applications-{name}",
        kills="ecosystem.keras-applications",
        case=case,
        apply=apply,
        description=description,
    )


#: A Keras that does not look at the digest of what it fetched (a finding) has nothing to lose.
_DIGESTS = (
    (
        _zoo(
            "digest-not-looked-at",
            "torn-download",
            _source(f"{_SOURCE}.utils.{_FILES}", "validate_file", lambda _: lambda *given, **named: True),
            "get_file keeps a file with another digest.",
        ),
    )
    if HAS_OPS
    else ()
)

ECOSYSTEM_SABOTAGES: Sequence[Sabotage] = (
    *estimator_sabotages("scikeras", _scikeras_classes, _forget, "optimizer__learning_rate"),
    _zoo("are-few", "lists", _few, "keras.applications has five architectures."),
    _zoo(
        "classes-missing",
        "parameter-counts",
        lambda: replaced(keras.applications, "MobileNetV2", _for_few_classes),
        "MobileNetV2 is built for 100 classes.",
    ),
    _zoo(
        "classes-missing-of-another",
        "every-parameter-count",
        lambda: replaced(keras.applications, "DenseNet169", _for_few_classes),
        "DenseNet169 is built for 100 classes.",
    ),
    _zoo(
        "pool-nothing",
        "forward",
        lambda: replaced(
            keras.layers.GlobalAveragePooling2D, "call", lambda original: lambda self, x: original(self, x) * 0
        ),
        "GlobalAveragePooling2D gives zeros.",
    ),
    _zoo(
        "do-not-prepare",
        "preprocessing",
        _source(f"{_SOURCE}.applications.imagenet_utils", "preprocess_input", lambda _: lambda x, *given, **named: x),
        "preprocess_input gives images as they are.",
    ),
    _zoo(
        "cannot-be-frozen",
        "fine-tuning",
        lambda: replaced(keras.layers.Layer, "trainable", lambda own: property(own.fget, lambda self, value: None)),
        "Layer.trainable = False has no effect.",
    ),
    _zoo(
        "weights-not-loaded",
        "download",
        lambda: replaced(keras.Model, "load_weights", lambda _: lambda self, *given, **named: None),
        "Model.load_weights does nothing.",
    ),
    *_DIGESTS,
)
