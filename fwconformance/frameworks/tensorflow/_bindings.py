# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Piece "bindings": TensorFlow from other languages, one module each."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.tensorflow import _bindings_releases
from fwconformance.frameworks.tensorflow._bindings_c import C
from fwconformance.frameworks.tensorflow._bindings_cpp import Cpp
from fwconformance.frameworks.tensorflow._bindings_go import Go
from fwconformance.frameworks.tensorflow._bindings_javascript import JavaScript
from fwconformance.frameworks.tensorflow._bindings_jvm import Java
from fwconformance.frameworks.tensorflow._bindings_python import Python
from fwconformance.frameworks.tensorflow._bindings_rust import Rust

_LANGUAGES: Mapping[str, Any] = {
    "c": C,
    "cpp": Cpp,
    "go": Go,
    "java": Java,
    "javascript": JavaScript,
    "python": Python,
    "rust": Rust,
}


class BindingsPiece:
    """Each call goes to the language of its project."""

    def __init__(self, device: str) -> None:
        self.device = device

    def projects(self, language: str) -> Sequence[Mapping[str, Any]]:
        return [project.to_json() for project in self._in(language).projects()]

    def releases(self) -> Sequence[Mapping[str, Any]]:
        return [pair.to_json() for pair in _bindings_releases.pairs(self.device)]

    def export(self, project: Mapping[str, Any], model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        return self._in(project["language"]).export(project, model, inputs, folder)

    def restored(
        self, project: Mapping[str, Any], network: neutral.Network, files: Mapping[str, str], folder: str, inputs: Any
    ) -> Any:
        return self._in(project["language"]).restored(project, network, files, folder, inputs)

    def _in(self, language: str) -> Any:
        if language not in _LANGUAGES:
            raise NotAdapted(f"the TensorFlow adapter has no program in {language} yet")
        return _LANGUAGES[language](self.device)


def piece(name: str, device: str) -> Any:
    """The piece "bindings"."""
    return BindingsPiece(device)
