# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Piece "operators": those of ONNX, by what the Keras that is here has."""

from __future__ import annotations

import importlib
from typing import Any, Mapping

from fwconformance.frameworks._operators import OperatorTable
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._native import HAS_OPS, keras, ops


class _Table(OperatorTable):
    def __init__(self, backend: Backend, device: str) -> None:
        has = importlib.import_module(f"{__package__}.{'_operators_now' if HAS_OPS else '_operators_earlier'}")
        stopped = ops.stop_gradient if HAS_OPS else keras.backend.stop_gradient
        super().__init__(
            has.CALLS,
            places=has.PLACES,
            native=lambda _, value: backend.tensor(value, str(value.dtype)),
            result=lambda value: stopped(ops.cast(value, "float32")),
        )
        self._backend, self._device = backend, device

    def compute(self, operator: str, inputs: Any, attributes: Mapping[str, Any]) -> Any:
        with self._backend.scope(self._device):
            return super().compute(operator, inputs, attributes)


def piece(name: str, backend: Backend, device: str) -> OperatorTable:
    """The piece "operators"."""
    return _Table(backend, device)
