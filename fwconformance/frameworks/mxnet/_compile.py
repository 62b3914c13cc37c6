# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Programs for accelerators: MXNet has kinds of contexts, no program that another compiler could take."""

from __future__ import annotations

from typing import Any, NoReturn

import mxnet

from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import Unavailable


def piece(name: str, context: Any) -> NoReturn:
    """Raises `Unsupported` for a TPU, which is no context of MXNet's; `Unavailable` for a GPU, which this build or this
    machine lacks.
    """
    if name == "compile-tpu":
        refuse(tpu())
    if not mxnet.runtime.Features().is_enabled("CUDA"):
        raise Unavailable("this build of MXNet has no CUDA: install mxnet-cu112, on a machine with a GPU")
    raise Unavailable("MXNet compiles for the GPU that it runs on alone, and there is none")


def tpu(context: Any = mxnet.Context) -> Lookup:
    """A context for a TPU, by any of the names that MXNet's own have: ``mx.tpu()``, as ``mx.gpu()``."""
    kinds = type("Kinds", (), dict.fromkeys(context.devstr2type, True))
    return Lookup(
        root=_Both(mxnet, kinds), label=f"MXNet, of contexts {', '.join(context.devstr2type)},", names=("tpu", "xla")
    )


class _Both:
    """The attributes of two."""

    def __init__(self, first: Any, second: Any) -> None:
        self._places = (first, second)

    def __getattr__(self, name: str) -> Any:
        for place in self._places:
            if hasattr(place, name):
                return getattr(place, name)
        raise AttributeError(name)
