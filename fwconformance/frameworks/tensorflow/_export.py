# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""What all exporters of TensorFlow share, and which module has which."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import re
from typing import Any, ClassVar, Iterator, Mapping

import tensorflow as tf

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._probes import Seen, refuse
from fwconformance.frameworks._protocol import Array, NotAdapted, Unavailable
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, scope

_MODULES: Mapping[str, str] = {
    "export-saved-model": "_export_saved_model",
    "export-onnx": "_export_converters",
    "export-openvino": "_export_converters",
    "export-litert": "_export_litert",
    "export-tensorflow-js": "_export_converters",
    "export-coreml": "_export_converters",
    "export-stablehlo": "_export_stablehlo",
}


class Served(tf.Module):
    """A module in inference mode behind one signature: real inputs of any batch size.

    Attributes:
        stack: the module.
        serve: the tf.function, traced once for ``(None, *shape)``.
    """

    def __init__(self, model: TensorFlowModel) -> None:
        super().__init__()
        self.stack = model.native
        self.serve = tf.function(self._run, input_signature=[self.signature(model)])

    @staticmethod
    def signature(model: TensorFlowModel) -> Any:
        """The one input, its batch axis of any size."""
        kind = tf.int64 if model.network.integer_input else tf.float32
        return tf.TensorSpec((None, *model.network.input_shape), kind, name="inputs")

    def _run(self, inputs: Any) -> Any:
        return self.stack(inputs, False)


class TensorFlowExporter:
    """Base of the exporters: the served module, and where to write.

    Attributes:
        file: what is written, below the folder given.
        entry: see `Artifact`.
        needs: modules of other distributions that the export imports, with what to install for each.
    """

    file: str
    entry: str = ""
    needs: ClassVar[Mapping[str, str]] = {}

    def __init__(self, device: str) -> None:
        self.device = device

    def export(self, model: TensorFlowModel, inputs: Array, folder: str) -> Mapping[str, str]:
        """See `Exporter.export`. Raises Unavailable where a package is missing."""
        for module, package in self.needs.items():
            if importlib.util.find_spec(module) is None:
                raise Unavailable(f"{package} is not installed beside TensorFlow: install {package}")
        with scope(self.device):
            self._write(model, Served(model), os.path.join(folder, self.file))  # noqa: PTH118 - what converters take
        return Artifact(file=self.file, entry=self.entry).to_json()

    def _write(self, model: TensorFlowModel, served: Served, target: str) -> None:
        raise NotImplementedError


def piece(name: str, device: str) -> Any:
    """The exporter `name`. Raises NotAdapted for one that is not here."""
    if name not in _MODULES:
        raise NotAdapted(f"the TensorFlow adapter does not offer the piece {name!r} yet")
    return importlib.import_module(f"{__package__}.{_MODULES[name]}").EXPORTERS[name](device)


#: The LSTM that TensorFlow has below Keras; converters know the one that Keras writes out.
_LSTM = "BlockLSTM"
_PLACE = re.compile(r"/\S*\.py:\d+:\d+:")


@contextlib.contextmanager
def translated(converter: str) -> Iterator[None]:
    """Inside, that `converter` has no translation of TensorFlow's own LSTM is `Unsupported`, by its own words."""
    try:
        yield
    except Exception as error:
        lines = [line for line in str(error).splitlines() if _LSTM in line]
        if not lines:
            raise
        # Where in which file it was called from is another on each machine.
        words = " ".join(_PLACE.sub(" ", lines[0]).split())
        said = f"{converter} does not translate it: {type(error).__name__}: {words[:160]}"
        refuse(Seen(absent=True, evidence=said), note=f"TensorFlow's own LSTM is {_LSTM}")
