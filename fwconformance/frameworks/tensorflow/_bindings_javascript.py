# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""TensorFlow from JavaScript: TensorFlow.js reads what its converter wrote, or on TensorFlow's C library a SavedModel,
and writes what its converter reads.
"""

from __future__ import annotations

import pathlib
import tempfile
from typing import Any, Mapping, Sequence

import attrs
import numpy as np
import tensorflow as tf

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks import _tfjs
from fwconformance.frameworks._pieces_bindings import RUNGS, Project, beside
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.tensorflow._bindings_files import library
from fwconformance.frameworks.tensorflow._export_converters import TensorFlowJsExporter
from fwconformance.frameworks.tensorflow._export_saved_model import SavedModelExporter
from fwconformance.frameworks.tensorflow._model import scope

#: As in the programs' package.json.
VERSION = "4.22.0"
#: The C library that the install script of tfjs-node fetches.
FETCHED = "2.9.1"


class JavaScript:
    """A graph model or a SavedModel there, and a layers model back."""

    def __init__(self, device: str) -> None:
        self.device = device

    def projects(self) -> Sequence[Project]:
        """Under Node.js, in a browser, and under Node.js on TensorFlow's C library."""
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
        return beside(str(tf.__version__), (2, 5), node, browser, *self._addons(node))

    def _addons(self, node: Project) -> Sequence[Project]:
        """As the package installs itself, and built from its source for the library that is installed for Python."""
        released = attrs.evolve(
            node,
            artifact=f"the npm package @tensorflow/tfjs-node {VERSION}",
            because="TensorFlow's own project releases it: TensorFlow.js on TensorFlow's C library.",
            folder="javascript/tensorflow-node",
            tool="npm-script",
            settings={"script": "addon"},
            version=f"{VERSION} on TensorFlow {FETCHED}",
            environment={"TF_CPP_MIN_LOG_LEVEL": "3"},
            case="node-addon",
        )
        try:
            root, lacking = str(library()), ""
        except Unavailable as error:
            root, lacking = "", str(error)
        built = attrs.evolve(
            released,
            artifact=f"{released.artifact}, built from its source",
            settings={"script": "addon-from-source", "TENSORFLOW_ROOT": root},
            version=f"{VERSION} on TensorFlow {tf.__version__}",
            case="node-addon-from-source",
            unavailable=lacking,
            # node-gyp's.
            needs={"c++|g++|clang++": "a C++17 compiler, g++ or clang++", "make": "make", "python3": "Python"},
        )
        return released, built

    def export(self, project: Mapping[str, Any], model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        """See `Bindings.export`."""
        exporter = SavedModelExporter if project["case"].startswith("node-addon") else TensorFlowJsExporter
        written = exporter(self.device).export(model, inputs, folder)
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
