"""Faults of bindings: a program that gives back what it was given, files that are not Python's, wrong expectations."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence

import attrs

from fwconformance.frameworks import _network as net
from fwconformance.frameworks._pieces_bindings import RUNGS
from fwconformance.frameworks._protocol import Weights
from fwconformance.frameworks.reference import _bindings, _pieces
from fwconformance.frameworks.reference._layer import Array, Gradients
from fwconformance.frameworks.reference._model import Model
from fwconformance.frameworks.reference._mutant import fault, part, piece
from fwconformance.frameworks.reference._tensor import Tensor
from fwconformance.frameworks.reference._trainer import Trainer


class Parrot(_bindings.Bindings):
    """The program prints the inputs back."""

    project = attrs.evolve(_bindings.CPP, folder="cpp/reference-parrot", shared="", settings={})


for _rung in RUNGS:
    fault(f"binding.cpp.{_rung}", "official", piece("bindings"), name=f"cpp-parrot-{_rung}")(Parrot)


@fault("binding.cpp.inference", "official", piece("bindings"))
class ExportPerturbed(_bindings.Bindings):
    """The last weight in the exported file is a hundredth larger than Python's."""

    def export(self, project: Mapping[str, Any], model: Any, inputs: Array, folder: str) -> Mapping[str, str]:
        files = super().export(project, model, inputs, folder)
        path = Path(folder, files["model"])
        before, _, last = path.read_text(encoding="utf-8").rstrip("\n").rpartition(" ")
        path.write_text(f"{before} {1.01 * float(last)!r}\n", encoding="utf-8")
        return files


@fault("binding.cpp.saving", "official", piece("bindings"))
class SavedFilePerturbed(_bindings.Bindings):
    """The last weight in the file that the program saved is a hundredth larger when Python reads it."""

    def restored(
        self, project: Mapping[str, Any], network: net.Network, files: Mapping[str, str], folder: str, inputs: Array
    ) -> Tensor:
        path = Path(folder, files["weights"])
        before, _, last = path.read_text(encoding="utf-8").rstrip("\n").rpartition(" ")
        path.write_text(f"{before} {1.01 * float(last)!r}\n", encoding="utf-8")
        return super().restored(project, network, files, folder, inputs)


@fault("binding.cpp.inference", "official", part("model"))
class ExpectedOutputsWrong(Model):
    """Python's own outputs, which the program's are held against, are a hundredth too large."""

    def forward(self, inputs: Array, *, training: bool = False, lengths: Array | None = None) -> Tensor:
        return Tensor(1.01 * super().forward(inputs, training=training, lengths=lengths).array)


@fault("binding.cpp.gradients", "official", part("model"))
class ExpectedGradientsWrong(Model):
    """Python's own gradients, which the program's are held against, are a hundredth too large."""

    def named(self, gradients: Sequence[Gradients]) -> Gradients:
        return {name: 1.01 * value for name, value in super().named(gradients).items()}


@fault("binding.cpp.training", "official", part("trainer"))
class ExpectedLossesWrong(Trainer):
    """Python's own losses, which the program's are held against, are a hundredth too large."""

    def step(self, inputs: Array, targets: Array) -> Tensor:
        return Tensor(1.01 * super().step(inputs, targets).array)


@fault("binding.cpp.custom-layer", "official", piece("custom-layer"))
class ExpectedLayerWrong(_pieces.CustomLayer):
    """Python's own layer, which the program's is held against, has a scale that is a hundredth too large."""

    def forward(self, weights: Weights, inputs: Array) -> Tensor:
        return super().forward({**weights, "scale": 1.01 * weights["scale"]}, inputs)
