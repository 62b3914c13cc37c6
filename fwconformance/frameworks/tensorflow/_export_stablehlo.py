# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""StableHLO, which tf.function writes on its way to XLA."""

from __future__ import annotations

from typing import Any, Mapping

import tensorflow as tf

from fwconformance.frameworks import _tfhlo
from fwconformance.frameworks._protocol import Array
from fwconformance.frameworks.tensorflow._export import Served
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, scope


class StableHloExporter:
    """``experimental_get_compiler_ir``: a program of the example's batch size, its weights in a file beside it."""

    def __init__(self, device: str) -> None:
        self.device = device

    def export(self, model: TensorFlowModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """See `Exporter.export`; the file takes the example's batch size."""
        return self._write(model, len(inputs), folder)

    def export_any_batch(self, model: TensorFlowModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """See `FixedExporter.export_any_batch`."""
        return self._write(model, None, folder)

    def _write(self, model: TensorFlowModel, rows: int | None, folder: str) -> Mapping[str, str]:
        signature = Served.signature(model)
        with scope(self.device):
            fixed = tf.TensorSpec((rows, *signature.shape[1:]), signature.dtype, name="inputs")
            return _tfhlo.write(tf, lambda values: model.native(values, False), fixed, folder)


EXPORTERS: Mapping[str, Any] = {"export-stablehlo": StableHloExporter}
