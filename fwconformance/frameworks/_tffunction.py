# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""tf.function with options whose names have changed between releases."""

from __future__ import annotations

import inspect
from typing import Any, Callable

from fwconformance.frameworks._probes import Refusal, refuse


def by_xla(tf: Any, function: Callable[..., Any], **options: Any) -> Any:
    """`function` compiled by XLA: ``jit_compile``, ``experimental_compile`` before TensorFlow 2.5."""
    return tf.function(function, **{_known(tf, "jit_compile", "experimental_compile"): True}, **options)


def for_any_shape(tf: Any, function: Callable[..., Any], *, xla: bool = False) -> Any:
    """`function`, traced once for several shapes: ``reduce_retracing``, ``experimental_relax_shapes`` before 2.9."""
    any_shape = {_known(tf, "reduce_retracing", "experimental_relax_shapes"): True}
    return by_xla(tf, function, **any_shape) if xla else tf.function(function, **any_shape)


def look_for_stablehlo(tf: Any) -> None:
    """Raises `Unsupported`, in TensorFlow's words, where its compiler hands out no StableHLO."""
    smallest = by_xla(tf, lambda value: value + 1.0, autograph=False)

    def ask() -> None:
        smallest.experimental_get_compiler_ir(tf.constant(0.0))(stage="stablehlo")

    probe = Refusal(call=ask, label="tf.function's StableHLO", error=ValueError, saying="Invalid stage")
    if probe.run()[0]:
        refuse(probe)


def _known(tf: Any, *names: str) -> str:
    taken = inspect.signature(tf.function).parameters
    return next(name for name in names if name in taken)
