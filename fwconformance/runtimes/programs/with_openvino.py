# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""OpenVINO on the CPU, computing in float32: left alone it may choose a narrower type where the processor has one."""

from __future__ import annotations

from typing import Any

import _serve


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    import openvino

    compiled = openvino.Core().compile_model(request["file"], "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def call(values: Any) -> Any:
        return compiled([values])[0]

    return call, f"openvino {openvino.get_version().split('-')[0]}"


if __name__ == "__main__":
    _serve.serve(load)
