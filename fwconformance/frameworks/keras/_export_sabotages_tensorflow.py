# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Faults of the formats that the TensorFlow backend writes: Core ML and StableHLO."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Callable, Iterator, Sequence

import tensorflow as tf
from keras import layers

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.keras._export_faulty_layers import Make, by_the_batch, during, without_bias

#: The batch size that a faulty file has.
_ROWS = 3


def traced_by_tensorflow() -> Sequence[Sabotage]:
    """A bias dropped and the training-mode output for both; for Core ML, whose files take any batch, one baked in."""
    baked = Sabotage(
        name="coreml-bakes-in-the-batch",
        kills="export.coreml",
        case="dynamic-batch",
        apply=_planted("coremltools", "RangeDim", lambda _: lambda **_named: _ROWS),
        description=f"coremltools.RangeDim is {_ROWS}.",
    )
    wrong = (
        ("drops-a-bias", during(layers.Dense, "call", without_bias), "dense layers without their bias"),
        (
            "exports-training",
            during(layers.BatchNormalization, "call", by_the_batch),
            "batch normalisation by the batch, as training does",
        ),
    )
    writers = (("coreml", "coremltools", "convert"), ("stablehlo", "", ""))
    return (
        baked,
        *(
            Sabotage(
                name=f"{form}-{name}",
                kills=f"export.{form}",
                case="convolutional",
                apply=_planted(owner, function, make) if owner else _in_functions(make),
                description=f"{owner or 'tf'}.{function or 'function'} traces {words}.",
            )
            for form, owner, function in writers
            for name, make, words in wrong
        ),
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
            wrong = make(python) if python is not None and named.get("jit_compile") else python
            return original(wrong, **named)

        return function

    return lambda: replaced(tf, "function", outer)
