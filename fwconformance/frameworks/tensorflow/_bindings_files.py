# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What crosses between TensorFlow's Python and a program that links its C library: SavedModels and checkpoints."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping

import tensorflow as tf

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.tensorflow._export_saved_model import SavedModelExporter
from fwconformance.frameworks.tensorflow._model import scope


class ByCheckpoint:
    """A SavedModel there, and a checkpoint back."""

    def __init__(self, device: str) -> None:
        self.device = device

    def export(self, project: Mapping[str, Any], model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        """See `Bindings.export`."""
        written = SavedModelExporter(self.device).export(model, inputs, folder)
        return {"model": written["file"]}

    def restored(
        self, project: Mapping[str, Any], network: neutral.Network, files: Mapping[str, str], folder: str, inputs: Any
    ) -> Any:
        """See `Bindings.restored`."""
        saved = tf.train.load_checkpoint(str(pathlib.Path(folder) / files["weights"].replace(".index", "")))
        with scope(self.device):
            w1, b1, w2 = (tf.constant(saved.get_tensor(name)) for name in ("w1", "b1", "w2"))
            hidden = tf.tanh(tf.matmul(tf.constant(inputs, tf.float32), w1) + b1)
            return tf.matmul(hidden, w2)


def library() -> pathlib.Path:
    """Where the wheel's C and C++ library lies, and its headers below. Raises Unavailable where it has none."""
    package = pathlib.Path(tf.sysconfig.get_lib())
    if not (package / "libtensorflow_cc.so.2").is_file() or not (package / "include" / "tensorflow").is_dir():
        raise Unavailable(
            "this TensorFlow's package lacks libtensorflow_cc.so.2 or its headers: today's wheels for Linux have both"
        )
    return package
