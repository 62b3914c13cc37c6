# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "bindings": MXNet from other languages, several a module."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, Sequence

import mxnet
import numpy as np

from fwconformance.frameworks import _bindings_python
from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.mxnet import _bindings_interpreted, _bindings_jvm, _bindings_native, _bindings_releases
from fwconformance.frameworks.mxnet._arrays import to_array
from fwconformance.frameworks.mxnet._export import SymbolParams


class BindingsPiece:
    """A symbol and its parameters there; back a file of named arrays, MXNet's own or NumPy's from Java."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def projects(self, language: str) -> Sequence[Mapping[str, Any]]:
        for elsewhere in (_bindings_jvm, _bindings_interpreted):
            if language in elsewhere.LANGUAGES:
                return [project.to_json() for project in elsewhere.projects(language, str(mxnet.__version__))]
        if language == "python":
            return [_bindings_python.program("mxnet", "MXNet", str(mxnet.__version__)).to_json()]
        if language not in _bindings_native.LANGUAGES:
            raise NotAdapted(f"the MXNet adapter has no program in {language} yet")
        return [project.to_json() for project in _bindings_native.projects(language)]

    def releases(self) -> Sequence[Mapping[str, Any]]:
        return [pair.to_json() for pair in _bindings_releases.pairs(str(mxnet.__version__))]

    def export(self, project: Mapping[str, Any], model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        written = SymbolParams(self._context).export(model, inputs, folder)
        return {"symbol": written["file"], "parameters": written["entry"]}

    def restored(
        self, project: Mapping[str, Any], network: neutral.Network, files: Mapping[str, str], folder: str, inputs: Any
    ) -> Any:
        saved = _saved(pathlib.Path(folder) / files["weights"])
        w1, b1, w2 = (saved[name].as_in_context(self._context) for name in ("w1", "b1", "w2"))
        values = to_array(inputs, self._context, "float32")
        hidden = mxnet.nd.tanh(mxnet.nd.broadcast_add(mxnet.nd.dot(values, w1), b1))
        return mxnet.nd.dot(hidden, w2)


def _saved(path: pathlib.Path) -> Mapping[str, Any]:
    if path.suffix == ".npz":
        with np.load(path) as stored:
            return {name: mxnet.nd.array(stored[name], dtype="float32") for name in stored.files}
    return mxnet.nd.load(str(path))


def piece(name: str, context: Any) -> Any:
    """The piece "bindings"."""
    return BindingsPiece(context)
