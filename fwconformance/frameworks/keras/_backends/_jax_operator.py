# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""An operator of a user's own for JAX, by XLA's foreign functions: how it is compiled and where it is then."""

from __future__ import annotations

import ctypes
import functools
from typing import Any, Callable, Mapping

import jax
import jaxlib

from fwconformance.frameworks._pieces_extend import operator_project

#: What XLA knows each handler by, to its symbol in the library.
_TARGETS = {"fwconformance_tamed_cube": "TamedCube", "fwconformance_tamed_cube_grad": "TamedCubeGrad"}


def project() -> Mapping[str, Any]:
    """`Project(...).to_json()` of the library: jaxlib's wheels have the headers."""
    settings = {"XLA_INCLUDE": str(jax.ffi.include_dir()), "JAXLIB_BUILD": str(jaxlib.__version__)}
    return operator_project(
        "keras", "jax", "XLA's headers of the installed jaxlib", settings, jax.__version__
    ).to_json()


@functools.lru_cache(maxsize=None)
def operator(library: str) -> Callable[[Any], Any]:
    """The operator out of the file `library`, on float32 arrays of the CPU, with its gradient; registered once a
    process.
    """
    loaded = ctypes.CDLL(library)
    for target, symbol in _TARGETS.items():
        jax.ffi.register_ffi_target(target, jax.ffi.pycapsule(getattr(loaded, symbol)), platform="cpu")
    forwards, backwards = _TARGETS

    @jax.custom_vjp  # type: ignore[untyped-decorator, unused-ignore]
    def tamed_cube(x: Any) -> Any:
        return jax.ffi.ffi_call(forwards, jax.ShapeDtypeStruct(x.shape, x.dtype))(x)

    def backward(x: Any, upstream: Any) -> tuple[Any]:
        return (jax.ffi.ffi_call(backwards, jax.ShapeDtypeStruct(x.shape, x.dtype))(upstream, x),)

    tamed_cube.defvjp(lambda x: (tamed_cube(x), x), backward)
    return tamed_cube
