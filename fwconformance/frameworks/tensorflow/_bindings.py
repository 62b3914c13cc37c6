# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Piece "bindings": the C++ library, which lies in the Python package with its headers."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, Sequence

import tensorflow as tf

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks._protocol import NotAdapted, Unavailable
from fwconformance.frameworks.tensorflow._export_saved_model import SavedModelExporter
from fwconformance.frameworks.tensorflow._model import scope


class BindingsPiece:
    """A SavedModel there, and a checkpoint back."""

    def __init__(self, device: str) -> None:
        self.device = device

    def projects(self, language: str) -> Sequence[Mapping[str, Any]]:
        if language != "cpp":
            raise NotAdapted(f"the TensorFlow adapter has no program in {language} yet")
        package = pathlib.Path(tf.sysconfig.get_lib())
        if not (package / "libtensorflow_cc.so.2").is_file() or not (package / "include" / "tensorflow").is_dir():
            raise Unavailable(
                "this TensorFlow was installed without libtensorflow_cc.so.2 or its headers: the wheels for Linux have "
                "both"
            )
        project = Project(
            language="cpp",
            framework="tensorflow",
            artifact="libtensorflow_cc of the installed TensorFlow",
            lineage="official",
            because="TensorFlow's own wheel holds the library and the headers of its C++ API.",
            folder="cpp/tensorflow",
            shared="cpp/shared",
            tool="cmake",
            rungs=RUNGS[1:],
            settings={"TENSORFLOW_ROOT": str(package)},
            version=str(tf.__version__),
            environment={"TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        return [project.to_json()]

    def export(self, project: Mapping[str, Any], model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        written = SavedModelExporter(self.device).export(model, inputs, folder)
        return {"model": written["file"]}

    def restored(
        self, project: Mapping[str, Any], network: neutral.Network, files: Mapping[str, str], folder: str, inputs: Any
    ) -> Any:
        saved = tf.train.load_checkpoint(str(pathlib.Path(folder) / files["weights"].replace(".index", "")))
        with scope(self.device):
            w1, b1, w2 = (tf.constant(saved.get_tensor(name)) for name in ("w1", "b1", "w2"))
            hidden = tf.tanh(tf.matmul(tf.constant(inputs, tf.float32), w1) + b1)
            return tf.matmul(hidden, w2)


def piece(name: str, device: str) -> Any:
    """The piece "bindings"."""
    return BindingsPiece(device)
