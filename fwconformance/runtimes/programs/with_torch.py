# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""PyTorch itself, in a process that knows nothing of the model's code: only what the file holds."""

from __future__ import annotations

import importlib
from typing import Any

import _serve


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    import torch

    loaders = {"torch-export": _program, "torchscript": torch.jit.load, "aot-inductor": _package}
    if request["quantized"]:
        _quantized_operators()
    run = loaders[request["format"]](request["file"])

    def call(values: Any) -> Any:
        with torch.no_grad():
            return run(torch.from_numpy(values)).numpy()

    return call, f"torch {torch.__version__}"


def _program(file: str) -> Any:
    import torch

    return torch.export.load(file).module()


def _package(file: str) -> Any:
    import torch._inductor

    return torch._inductor.aoti_load_package(file)  # noqa: SLF001 - the documented name


def _quantized_operators() -> None:
    """Programs of torchao name operators that its import registers."""
    importlib.import_module("torchao")


if __name__ == "__main__":
    _serve.serve(load)
