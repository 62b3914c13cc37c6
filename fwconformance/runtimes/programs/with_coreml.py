# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A Core ML package: by Core ML on macOS; elsewhere, where Apple has no Core ML, by an interpreter of our own."""

from __future__ import annotations

import importlib.metadata
import pathlib
import platform
import sys
from typing import Any

import _mil
import _mlpackage
import _serve
import numpy as np


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    if sys.platform == "darwin":
        return _core_ml(request)
    program = _mlpackage.read(pathlib.Path(request["file"]))
    interpreter = _mil.Interpreter(program)

    def call(values: Any) -> Any:
        return interpreter(values)

    call.interpreted = True  # type: ignore[attr-defined]
    return call, f"our interpreter of MIL ({program.opset}, NumPy {np.__version__}), not Core ML"


def _core_ml(request: _serve.Request) -> tuple[_serve.Call, str]:
    import coremltools

    # On the processor alone: the neural engine and the GPU compute in half precision.
    model = coremltools.models.MLModel(request["file"], compute_units=coremltools.ComputeUnit.CPU_ONLY)
    description = model.get_spec().description
    (given,), (result,) = ([each.name for each in found] for found in (description.input, description.output))

    def call(values: Any) -> Any:
        return model.predict({given: values})[result]

    version = importlib.metadata.version("coremltools")
    return call, f"Core ML of macOS {platform.mac_ver()[0]} (coremltools {version})"


if __name__ == "__main__":
    _serve.serve(load)
