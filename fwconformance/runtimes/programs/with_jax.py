# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A StableHLO program in the container of jax.export, compiled by XLA and run by JAX's CPU client."""

from __future__ import annotations

import pathlib
from typing import Any

import _serve


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    import jax
    import jax.export

    jax.config.update("jax_platforms", "cpu")
    exported = jax.export.deserialize(bytearray(pathlib.Path(request["file"]).read_bytes()))
    run = jax.jit(exported.call)

    def call(values: Any) -> Any:
        result = run(values)
        return result[0] if isinstance(result, (list, tuple)) else result

    return call, f"jax {jax.__version__}"


if __name__ == "__main__":
    _serve.serve(load)
