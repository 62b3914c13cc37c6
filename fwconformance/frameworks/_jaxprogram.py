"""A function of JAX as StableHLO for an accelerator that need not be there.

JAX is handed in, as the module, by the adapters that share this.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Sequence

_FILE = "step.mlirbc"

#: Logical CPU devices that a worker has: over them shardings are written down that a program is then compiled with.
DEVICES = 4

#: What has to be in the environment before JAX is imported.
ENVIRONMENT = {"XLA_FLAGS": f"--xla_force_host_platform_device_count={DEVICES}"}

_PLATFORMS = {"compile-tpu": "tpu", "compile-gpu": "cuda"}


def write_program(
    jax: Any, function: Callable[..., Any], arguments: Sequence[Any], piece: str, folder: str, *, shared: Any = None
) -> str:
    """Write ``function(*arguments)``, lowered for the accelerator of `piece`, below `folder`; the file's name.

    Parameters and results of the program are the leaves of the arguments and of what the function gives, in order.
    `shared`: the sharding of every result, where arguments have shardings.
    """
    named = {} if shared is None else {"out_shardings": shared}
    traced = jax.jit(function, keep_unused=True, **named).trace(*arguments)
    module = traced.lower(lowering_platforms=(_PLATFORMS[piece],)).compiler_ir("stablehlo")
    with (Path(folder) / _FILE).open("wb") as file:
        module.operation.write_bytecode(file)
    return _FILE
