# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""A StableHLO program, compiled by XLA and run by JAX's CPU client: in the container of jax.export, or as a module in
text with its weights in a file beside it.
"""

from __future__ import annotations

import pathlib
from typing import Any, Callable

import _serve
import _stablehlo
import numpy as np


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`."""
    import jax

    jax.config.update("jax_platforms", "cpu")
    program = pathlib.Path(request["file"]).read_bytes()
    call = _module(program, request["entry"]) if request["entry"] else _container(program)
    return call, f"jax {jax.__version__}"


def _container(program: bytes) -> Callable[[Any], Any]:
    import jax
    import jax.export

    run = jax.jit(jax.export.deserialize(bytearray(program)).call)

    def call(values: Any) -> Any:
        result = run(values)
        return result[0] if isinstance(result, (list, tuple)) else result

    return call


def _module(program: bytes, weights: str) -> Callable[[Any], Any]:
    """Parameters of the program: the batch, and then the arrays of the file, by their names in order."""
    import jax
    from jax._src import compiler

    jax.config.update("jax_enable_x64", True)  # else 64-bit weights are cut to 32
    devices = jax.devices("cpu")[:1]
    assignment = np.zeros((1, 1), int)
    executable = devices[0].client.compile_and_load(
        _stablehlo.module(program),
        executable_devices=_stablehlo.device_list(devices),
        compile_options=compiler.get_compile_options(num_replicas=1, num_partitions=1, device_assignment=assignment),
    )
    with np.load(weights) as stored:
        kept = [jax.device_put(stored[name], devices[0]) for name in sorted(stored.files)]

    def call(values: Any) -> Any:
        (result,) = executable.execute_sharded(
            [jax.device_put(values, devices[0]), *kept]
        ).disassemble_into_single_device_arrays()
        return np.asarray(result[0])

    return call


if __name__ == "__main__":
    _serve.serve(load)
