# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The LiteRT interpreter, which takes a batch size after being resized for it."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import _serve


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=request["file"], num_threads=1)
    place = interpreter.get_input_details()[0]["index"]

    def call(values: Any) -> Any:
        # Strict: an axis that the file gives a fixed size keeps it. A batch that was baked in cannot be resized away.
        interpreter.resize_tensor_input(place, values.shape, strict=True)
        interpreter.allocate_tensors()
        interpreter.set_tensor(place, values)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])

    return call, f"ai-edge-litert {importlib.metadata.version('ai-edge-litert')}"


if __name__ == "__main__":
    _serve.serve(load)
