# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "bindings": libtorch, which lies in the Python package with its headers."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, Sequence

import numpy as np
import torch

from fwconformance.frameworks import _bindings_python
from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._c_headers import CHeaders
from fwconformance.frameworks._pieces_bindings import RUNGS, Project, beside
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._protocol import NotAdapted, Unavailable
from fwconformance.frameworks.pytorch import _bindings_jvm, _bindings_releases, _bindings_rust
from fwconformance.frameworks.pytorch._export_programs import ScriptExporter


def _in_c(package: pathlib.Path) -> CHeaders:
    return CHeaders(
        root=package / "include",
        patterns=(
            "torch/csrc/stable/c/*.h",
            "torch/csrc/inductor/aoti_torch/c/*.h",
            "torch/csrc/inductor/aoti_torch/generated/*.h",
            "torch/csrc/inductor/aoti_runtime/interface.h",
            # Where one would lie that is for users.
            "torch/*.h",
            "torch/c/*.h",
        ),
        label="headers of libtorch and of the stable ABI, which is for libraries that a C++ compiler makes",
    )


#: Programs for artifacts of today, by language.
_TODAYS: Mapping[str, Any] = {"java": _bindings_jvm.projects, "rust": _bindings_rust.projects}


class BindingsPiece:
    """TorchScript there; back what torch::save wrote, an archive that torch.jit.load reads, Python's or NumPy's own."""

    def __init__(self, device: Any) -> None:
        self._device = device

    def projects(self, language: str) -> Sequence[Mapping[str, Any]]:
        if language == "python":
            return [_bindings_python.program("pytorch", "PyTorch", str(torch.__version__)).to_json()]
        if language in _TODAYS:
            todays = beside(str(torch.__version__), (1, 8), *_TODAYS[language]())
            return [project.to_json() for project in todays]
        package = pathlib.Path(torch.__file__).parent
        if language not in ("c", "cpp"):
            raise NotAdapted(f"the PyTorch adapter has no program in {language} yet")
        if not (package / "include" / "torch" / "script.h").is_file():
            raise Unavailable("this torch was installed without its headers: install the wheel of torch.org or PyPI")
        if language == "c":
            refuse(_in_c(package), note="PyTorch has no interface in C")
        project = Project(
            language="cpp",
            framework="pytorch",
            artifact="libtorch of the installed torch",
            lineage="official",
            because="libtorch is released with PyTorch, and Python's own torch is built on it.",
            folder="cpp/pytorch",
            shared="cpp/shared",
            tool="cmake",
            rungs=RUNGS[1:],
            settings={
                "TORCH_ROOT": str(package),
                "TORCH_FOR_GPUS": "ON" if torch.version.cuda or torch.version.hip else "OFF",
                "TORCH_CXX11_ABI": "1" if torch.compiled_with_cxx11_abi() else "0",
                # For the key under which the program is kept: another torch may be installed in the same place.
                "TORCH_BUILD": str(torch.__version__),
            },
            # The header tells no build ("+cpu").
            version=str(torch.__version__).partition("+")[0],
        )
        return [project.to_json()]

    def releases(self) -> Sequence[Mapping[str, Any]]:
        return [pair.to_json() for pair in _bindings_releases.pairs(str(torch.__version__))]

    def export(self, project: Mapping[str, Any], model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        written = ScriptExporter(self._device).export(model, inputs, folder)
        return {"model": written["file"]}

    def restored(
        self, project: Mapping[str, Any], network: neutral.Network, files: Mapping[str, str], folder: str, inputs: Any
    ) -> Any:
        weights = self._weights(pathlib.Path(folder) / files["weights"])
        values = torch.tensor(inputs, dtype=torch.float32, device=self._device)
        hidden = torch.tanh(torch.nn.functional.linear(values, weights["first.weight"], weights["first.bias"]))
        return torch.nn.functional.linear(hidden, weights["second.weight"])

    def _weights(self, path: pathlib.Path) -> Mapping[str, Any]:
        if path.suffix == ".npz":
            with np.load(path) as stored:
                found = {name: torch.from_numpy(stored[name]).to(self._device) for name in ("w1", "b1", "w2")}
            return {"first.weight": found["w1"].t(), "first.bias": found["b1"], "second.weight": found["w2"].t()}
        if path.suffix == ".pth":
            return dict(torch.load(str(path), map_location=self._device))
        saved = torch.jit.load(str(path), map_location=self._device)
        return {name: value.detach() for name, value in saved.named_parameters()}


def piece(name: str, device: Any) -> Any:
    """The piece "bindings"."""
    return BindingsPiece(device)
