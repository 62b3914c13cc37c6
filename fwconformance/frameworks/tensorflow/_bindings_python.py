# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""TensorFlow's own Python in a process of its own: SavedModels there and back."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, Sequence

import tensorflow as tf

from fwconformance.frameworks import _bindings_python
from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._pieces_bindings import Project
from fwconformance.frameworks.tensorflow._bindings_files import ByCheckpoint
from fwconformance.frameworks.tensorflow._model import scope


class Python(ByCheckpoint):
    """Eager tensors, tapes, modules."""

    def projects(self) -> Sequence[Project]:
        """The one package."""
        return (_bindings_python.program("tensorflow", "TensorFlow", str(tf.__version__)),)

    def restored(
        self, project: Mapping[str, Any], network: neutral.Network, files: Mapping[str, str], folder: str, inputs: Any
    ) -> Any:
        """See `Bindings.restored`."""
        with scope(self.device):
            return tf.saved_model.load(str(pathlib.Path(folder) / files["model"]))(tf.constant(inputs, tf.float32))
