# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Faults of the formats that backends write in Keras' place: Core ML, and TensorFlow's StableHLO."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Callable, Iterator, Sequence

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.keras._export_faulty_layers import Make, by_the_batch, during, without_bias
from fwconformance.frameworks.keras._native import keras

layers = keras.layers

#: The batch size that a faulty file has.
_ROWS = 3


def coreml(backend: str) -> Sequence[Sabotage]:
    """Three faults on TensorFlow. On torch no convolutional file is written even without one (a finding): the recurrent
    one must show it.
    """
    if backend == "torch":
        return (
            Sabotage(
                name="coreml-drops-a-bias",
                kills="export.coreml",
                case="recurrent",
                apply=_planted("torch.jit", "trace", during(layers.Dense, "call", without_bias)),
                description="torch.jit.trace traces dense layers without their bias.",
            ),
        )
    baked = Sabotage(
        name="coreml-bakes-in-the-batch",
        kills="export.coreml",
        case="dynamic-batch",
        apply=_planted("coremltools", "RangeDim", lambda _: lambda **_named: _ROWS),
        description=f"coremltools.RangeDim is {_ROWS}.",
    )
    where = "coremltools.convert"
    return (baked, *_wrong("coreml", where, lambda make: _planted("coremltools", "convert", make)))


def stablehlo() -> Sequence[Sabotage]:
    """Two faults of what TensorFlow traces; the batch size is always in the file."""
    return _wrong("stablehlo", "tf.function", _in_functions)


def _wrong(form: str, where: str, plant: Callable[[Make], Callable[[], Any]]) -> Sequence[Sabotage]:
    found = (
        ("drops-a-bias", during(layers.Dense, "call", without_bias), "dense layers without their bias"),
        (
            "exports-training",
            during(layers.BatchNormalization, "call", by_the_batch),
            "batch normalisation by the batch, as training does",
        ),
    )
    return tuple(
        Sabotage(
            name=f"{form}-{name}",
            kills=f"export.{form}",
            case="convolutional",
            apply=plant(make),
            description=f"{where} traces {words}.",
        )
        for name, make, words in found
    )


def _planted(owner: str, name: str, make: Make) -> Callable[[], Any]:
    """Where the owner is not installed nothing is planted: its cases are unavailable."""

    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        try:
            module = importlib.import_module(owner)
        except ImportError:
            yield
            return
        with replaced(module, name, make):
            yield

    return apply


def _in_functions(make: Make) -> Callable[[], Any]:
    """Functions that are made for XLA trace with the fault in place: the model that is compared is run eagerly."""

    def outer(original: Any) -> Any:
        def function(python: Any = None, **named: Any) -> Any:
            # Keras decorates with it too, which hands over nothing yet.
            wrong = make(python) if python is not None and named.get("jit_compile") else python
            return original(wrong, **named)

        return function

    def apply() -> Any:
        import tensorflow as tf

        return replaced(tf, "function", outer)

    return apply
