# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""ONNX Runtime, CPU provider."""

from __future__ import annotations

from typing import Any

import _serve


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    import onnxruntime

    session = onnxruntime.InferenceSession(request["file"], providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def call(values: Any) -> Any:
        return session.run(None, {name: values})[0]

    return call, f"onnxruntime {onnxruntime.__version__}"


if __name__ == "__main__":
    _serve.serve(load)
