# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "bindings": the C API, whose library and headers lie in the Python package, and programs in other languages."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, Sequence

import mxnet
import numpy as np

from fwconformance.frameworks import _bindings_python
from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks._protocol import NotAdapted, Unavailable
from fwconformance.frameworks.mxnet import _bindings_interpreted, _bindings_jvm, _bindings_releases
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
        if language != "cpp":
            raise NotAdapted(f"the MXNet adapter has no program in {language} yet")
        package = pathlib.Path(mxnet.__file__).parent
        if not (package / "libmxnet.so").is_file() or not (package / "include" / "mxnet" / "c_api.h").is_file():
            raise Unavailable(
                "this MXNet was installed without libmxnet.so or its headers: the wheels for Linux have both"
            )
        project = Project(
            language="cpp",
            framework="mxnet",
            artifact="the C API of the installed MXNet",
            lineage="official",
            because="MXNet's own wheel holds library and headers of the C API; those of cpp-package are in no wheel.",
            folder="cpp/mxnet",
            shared="cpp/shared",
            tool="cmake",
            rungs=RUNGS[1:],
            settings={"MXNET_ROOT": str(package)},
            version=str(mxnet.__version__),
        )
        return [project.to_json()]

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
