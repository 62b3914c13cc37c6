# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""StableHLO text or bytecode for the client of XLA that is asked for.

JAX has no public way to compile a module that it did not trace itself, so the clients are spoken to directly; that part
is known to work with the jax that the tox environment `runtimes` pins.
"""

from __future__ import annotations

from typing import Any


def module(program: bytes) -> Any:
    """The module of `program`."""
    from jax._src.interpreters import mlir
    from jax._src.lib.mlir import ir

    with mlir.make_ir_context():
        return ir.Module.parse(program)


def device_list(devices: Any) -> Any:
    """`devices` as compilers take them."""
    from jaxlib import xla_client

    return xla_client.DeviceList(tuple(devices))
