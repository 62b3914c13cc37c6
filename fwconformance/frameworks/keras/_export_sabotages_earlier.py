# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Faults in what writes Keras' models before Keras has `Model.export`: `Model.save`, and the converter to LiteRT."""

from __future__ import annotations

import importlib
from typing import Any, Sequence

from fwconformance.frameworks.keras._export_faulty_layers import Make, by_the_batch, during, without_bias
from fwconformance.frameworks.keras._native import keras, ops

#: The batch size that a faulty writer bakes in.
_ROWS = 3


def earlier_writer(form: str) -> tuple[Any, str]:
    """The class and method that traces a model for `form`."""
    if form == "litert":
        return importlib.import_module("tensorflow.lite.python.lite").TFLiteKerasModelConverterV2, "convert"
    return keras.Model, "save"


def earlier_faults(form: str) -> tuple[Sequence[Make], Sequence[str]]:
    """Three faults of that method, and what each does."""
    owner, name = earlier_writer(form)
    said = f"{owner.__name__}.{name}"
    makes = (
        _converts_one_size if form == "litert" else _saves_one_size,
        during(keras.layers.Dense, "call", without_bias),
        during(keras.layers.BatchNormalization, "call", by_the_batch),
    )
    words = (
        f"{said} writes a model for a batch of {_ROWS}.",
        f"{said} traces dense layers without their bias.",
        f"{said} traces batch normalisation by the batch, as training does.",
    )
    return makes, words


def _of_one_size(model: Any) -> Any:
    given = keras.Input(batch_shape=(_ROWS, *model.inputs[0].shape[1:]), name="one_size")
    # The shape of its input alone would not do: a SavedModel takes other batches there.
    return keras.Model(given, ops.add(model(given), ops.zeros((_ROWS, *model.outputs[0].shape[1:]))))


def _saves_one_size(original: Any) -> Any:
    return lambda self, *arguments, **named: original(_of_one_size(self), *arguments, **named)


def _converts_one_size(original: Any) -> Any:
    def convert(self: Any) -> Any:
        self._keras_model = _of_one_size(self._keras_model)
        return original(self)

    return convert
