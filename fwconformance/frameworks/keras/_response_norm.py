# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Local response normalisation, which Keras has no layer for: a layer of `keras.ops`, as a user of Keras writes it."""

from __future__ import annotations

from typing import Any, Mapping

import attrs

from fwconformance.frameworks._network import LocalResponseNorm
from fwconformance.frameworks.keras._native import keras, ops, registered


@registered(package="fwconformance")
class ResponseNorm(keras.layers.Layer):
    """See `LocalResponseNorm`; channels last."""

    def __init__(self, spec: LocalResponseNorm | Mapping[str, Any], **options: Any) -> None:
        super().__init__(**options)
        self.spec = spec if isinstance(spec, LocalResponseNorm) else LocalResponseNorm(**spec)

    def call(self, inputs: Any) -> Any:
        spec, channels = self.spec, inputs.shape[-1]
        half = spec.size // 2
        squares = ops.pad(ops.square(inputs), ((0, 0), (0, 0), (0, 0), (half, half)))
        total = squares[..., :channels]
        for start in range(1, spec.size):
            total = ops.add(total, squares[..., start : start + channels])
        return ops.multiply(inputs, ops.power(spec.constant + spec.alpha / spec.size * total, -spec.beta))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "spec": attrs.asdict(self.spec)}
