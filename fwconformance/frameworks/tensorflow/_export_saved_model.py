# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""SavedModel, TensorFlow's own format."""

from __future__ import annotations

from typing import Any, Mapping

import tensorflow as tf

from fwconformance.frameworks.tensorflow._export import Served, TensorFlowExporter


class SavedModelExporter(TensorFlowExporter):
    """tf.saved_model.save, with a serving signature."""

    file = "saved-model"
    entry = "serving_default"

    def _write(self, model: Any, served: Served, target: str) -> None:
        tf.saved_model.save(served, target, signatures={self.entry: served.serve.get_concrete_function()})


EXPORTERS: Mapping[str, Any] = {"export-saved-model": SavedModelExporter}
