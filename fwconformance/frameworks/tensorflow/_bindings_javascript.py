# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""TensorFlow from JavaScript: TensorFlow.js reads what its converter wrote, and writes what its converter reads."""

from __future__ import annotations

import pathlib
import tempfile
from typing import Any, Mapping, Sequence

import attrs
import numpy as np
import tensorflow as tf

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks import _tfjs
from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks.tensorflow._export_converters import TensorFlowJsExporter
from fwconformance.frameworks.tensorflow._model import scope

#: As in the programs' package.json.
VERSION = "4.22.0"


class JavaScript:
    """A graph model there, and a layers model back."""

    def __init__(self, device: str) -> None:
        self.device = device

    def projects(self) -> Sequence[Project]:
        """Under Node.js, and in a browser."""
        node = Project(
            language="javascript",
            framework="tensorflow",
            artifact=f"the npm package @tensorflow/tfjs {VERSION}",
            lineage="official",
            because="TensorFlow's own project releases TensorFlow.js.",
            folder="javascript/tensorflow",
            shared="javascript/shared",
            tool="npm",
            rungs=RUNGS[1:],
            version=VERSION,
        )
        browser = attrs.evolve(
            node,
            case="browser",
            environment={"TENSORFLOW_JS_RUNS_IN": "browser"},
            needs={"chromium|chromium-browser|google-chrome": "Chromium"},
        )
        return node, browser

    def export(self, project: Mapping[str, Any], model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        """See `Bindings.export`."""
        written = TensorFlowJsExporter(self.device).export(model, inputs, folder)
        return {"model": written["file"]}

    def restored(
        self, project: Mapping[str, Any], network: neutral.Network, files: Mapping[str, str], folder: str, inputs: Any
    ) -> Any:
        """See `Bindings.restored`: what TensorFlow.js' own reader makes of it, in its interpreter."""
        with tempfile.TemporaryDirectory() as scratch:
            np.save(str(pathlib.Path(scratch) / "inputs.npy"), np.asarray(inputs, np.float32))
            _tfjs.predict(str(pathlib.Path(folder) / files["model"]), scratch)
            outputs = np.load(str(pathlib.Path(scratch) / "outputs.npy"))
        with scope(self.device):
            return tf.constant(outputs)
