# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Formats that Keras' models are brought to before Keras has `Model.export`: what its users did on TensorFlow."""

from __future__ import annotations

import importlib
import pathlib
import tempfile
from typing import Any

from fwconformance.frameworks import _tf2onnx
from fwconformance.frameworks._probes import Seen, refuse
from fwconformance.frameworks._protocol import NotAdapted

#: The signature of a SavedModel that `Model.save` writes.
SIGNATURE = "serving_default"
#: What the converter to LiteRT says of an operation that it does not translate.
_UNTRANSLATED = "neither a custom op nor a flex op"


def write(form: str, native: Any, target: str, **options: Any) -> None:
    """Write `native` in `form`, Keras 3's word for it. Raises Unsupported where a converter lacks an operation of it,
    by its own words, NotAdapted for another format.
    """
    if form == "tf_saved_model":
        native.save(target, save_format="tf")
    elif form == "onnx":
        with tempfile.TemporaryDirectory() as folder:
            native.save(folder, save_format="tf")
            _tf2onnx.convert_saved_model(folder, target, SIGNATURE)
    elif form == "litert":
        pathlib.Path(target).write_bytes(_litert(native, **options))
    else:
        raise NotAdapted(f"our adapter does not do this yet: it has no way from this Keras to {form}")


def _litert(native: Any, **options: Any) -> bytes:
    tf = importlib.import_module("tensorflow")
    converter = tf.lite.TFLiteConverter.from_keras_model(native)
    for name, value in options.items():
        setattr(converter, name, value)
    try:
        return converter.convert()
    except Exception as error:  # its words say what it is, whatever its class
        said = [line.strip() for line in str(error).splitlines() if _UNTRANSLATED in line]
        if not said:
            raise
        words = f"tf.lite.TFLiteConverter: {type(error).__name__}: {said[-1][-200:]}"
        refuse(Seen(absent=True, evidence=words))
