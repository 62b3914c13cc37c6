# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The ExecuTorch runtime, in a process that knows nothing of the model's code: only the file."""

from __future__ import annotations

import importlib.metadata
from typing import Any

import _serve


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    import torch
    from executorch.runtime import Runtime

    program = Runtime.get().load_program(request["file"])
    method = program.load_method("forward")

    def call(values: Any) -> Any:
        return method.execute([torch.from_numpy(values)])[0].numpy().copy()

    # The method reads the program's memory.
    call.kept = program  # type: ignore[attr-defined]
    return call, f"executorch {importlib.metadata.version('executorch')}"


if __name__ == "__main__":
    _serve.serve(load)
