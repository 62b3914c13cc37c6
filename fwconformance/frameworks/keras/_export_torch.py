# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""A format that Keras has no word for and its torch backend has a way to: Core ML."""

from __future__ import annotations

import os
from typing import Any, Mapping

import attrs
import torch

from fwconformance.frameworks import _coreml
from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._protocol import Array
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._export import exporting, look
from fwconformance.frameworks.keras._model import KerasModel


@attrs.frozen
class CoreMlExporter:
    """`coremltools.convert` of the model as the torch module that it is on this backend, traced."""

    backend: Backend
    device: str

    def export(self, model: KerasModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """See `Exporter.export`. Raises Unavailable without coremltools."""
        look((_coreml.PACKAGE,), self.backend.name)
        module, example = model.native, torch.tensor(inputs)
        (given,) = module.inputs
        training = module.training
        with exporting(self.backend, self.device), torch.no_grad():
            try:
                traced = torch.jit.trace(module.eval(), (example,))
            finally:
                module.train(training)
            target = os.path.join(folder, _coreml.FILE)  # noqa: PTH118 - what coremltools takes
            _coreml.write(traced, "pytorch", given.shape, target)
        return Artifact(file=_coreml.FILE).to_json()


EXPORTERS: Mapping[str, Any] = {"export-coreml": CoreMlExporter}
