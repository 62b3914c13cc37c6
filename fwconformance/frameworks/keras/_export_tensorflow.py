# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Formats that Keras has no word for and its TensorFlow backend has a way to: Core ML and StableHLO."""

from __future__ import annotations

import os
from typing import Any, Mapping

import attrs
import tensorflow as tf

from fwconformance.frameworks import _coreml, _tfhlo
from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._protocol import Array
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._export import exporting, look
from fwconformance.frameworks.keras._model import KerasModel


@attrs.frozen
class CoreMlExporter:
    """`coremltools.convert` of the model, as its guide for TensorFlow 2 has it."""

    backend: Backend
    device: str

    def export(self, model: KerasModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """See `Exporter.export`. Raises Unavailable without coremltools."""
        look((_coreml.PACKAGE,), self.backend.name)
        (given,) = model.native.inputs
        with exporting(self.backend, self.device):
            target = os.path.join(folder, _coreml.FILE)  # noqa: PTH118 - what coremltools takes
            _coreml.write(model.native, "tensorflow", given.shape, target)
        return Artifact(file=_coreml.FILE).to_json()


@attrs.frozen
class StableHloExporter:
    """``experimental_get_compiler_ir`` of a tf.function that calls the model, for the example's batch size."""

    backend: Backend
    device: str

    def export(self, model: KerasModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """See `Exporter.export`; the file takes the example's batch size."""
        return self._write(model, len(inputs), folder)

    def export_any_batch(self, model: KerasModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """See `FixedExporter.export_any_batch`."""
        return self._write(model, None, folder)

    def _write(self, model: KerasModel, rows: int | None, folder: str) -> Mapping[str, str]:
        (given,) = model.native.inputs
        with exporting(self.backend, self.device):
            signature = tf.TensorSpec((rows, *given.shape[1:]), given.dtype, name="inputs")
            return _tfhlo.write(tf, lambda values: model.native(values, training=False), signature, folder)


EXPORTERS: Mapping[str, Any] = {"export-coreml": CoreMlExporter, "export-stablehlo": StableHloExporter}
