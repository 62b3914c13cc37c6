# mypy: disable-error-code="import-not-found, import-untyped, unused-ignore"
"""tf2onnx by its command: its releases of 2020 convert files alone, later ones functions too."""

from __future__ import annotations

import importlib
import pathlib
import sys
from typing import Any

from fwconformance.processes import run_program

#: Seconds.
LIMIT = 110.0


def convert_module() -> Any:
    """``tf2onnx.convert``, which releases of 2020 import only by its whole name."""
    return importlib.import_module("tf2onnx.convert")


def convert_saved_model(source: str, target: str, signature: str) -> None:
    """Write the SavedModel `source`, its `signature`, into the file `target`, in the newest opset that tf2onnx knows.

    Raises RuntimeError with what it printed last where it fails, and `processes.Hung` after `LIMIT`. Operations that it
    has no translation for it leaves in the file as they were, and says so on the way.
    """
    newest = max(importlib.import_module("tf2onnx.constants").OPSET_TO_IR_VERSION)
    read = ("--saved-model", source, "--signature_def", signature, "--tag", "serve")
    command = (sys.executable, "-m", "tf2onnx.convert", *read, "--opset", str(newest), "--output", target)
    ended = run_program(command, folder=pathlib.Path(target).parent, limit=LIMIT, name="tf2onnx")
    if ended.status != 0 or not pathlib.Path(target).is_file():
        lines = [line.strip() for line in ended.output.splitlines() if line.strip()]
        raise RuntimeError(f"tf2onnx does not convert the SavedModel: {' | '.join(lines[-4:])[-600:]}")
