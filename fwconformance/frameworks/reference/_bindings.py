"""Piece "bindings": the reference from C++, through files of its own. It is what the ladder's mutants are cut from."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np

from fwconformance._version import __version__
from fwconformance.frameworks import _network as net
from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.reference._layer import Array
from fwconformance.frameworks.reference._tensor import Tensor

CPP = Project(
    language="cpp",
    framework="reference",
    artifact="the reference in C++",
    lineage="official",
    because="It lies in one repository with the reference.",
    folder="cpp/reference",
    shared="cpp/shared",
    tool="cmake",
    rungs=RUNGS[1:],
    settings={"REFERENCE_VERSION": __version__},
    version=__version__,
)

#: The roles of a layer's weights, in the order in which they stand in a file.
_ROLES = ("kernel", "bias", "scale", "shift", "mean", "variance")


class Bindings:
    """Networks as text: one layer a line, then each tensor as its number of axes, its shape and its values."""

    project = CPP

    def projects(self, language: str) -> Sequence[Mapping[str, Any]]:
        if language != "cpp":
            raise NotAdapted(f"the reference has no program in {language} yet")
        return [self.project.to_json()]

    def releases(self) -> Sequence[Mapping[str, Any]]:
        raise NotAdapted("the reference has one release alone")

    def export(self, project: Mapping[str, Any], model: Any, inputs: Array, folder: str) -> Mapping[str, str]:
        lines = [self.line(layer) for layer in model.layers]
        Path(folder, "model.txt").write_text("".join(lines), encoding="utf-8")
        return {"model": "model.txt"}

    def line(self, layer: Any) -> str:
        """A layer in inference mode; "" for dropout, which does nothing then."""
        said = layer.description
        weights = [layer.weights[role] for role in _ROLES if role in layer.weights]
        if isinstance(said, net.Dropout):
            return ""
        if isinstance(said, net.Conv2D) and _is_plain(said):
            return _line("conv2d", weights)
        if isinstance(said, net.BatchNorm):
            return _line("batchnorm", [*weights, np.array([said.epsilon])])
        if isinstance(said, net.Pool2D) and (said.kind, said.size, said.stride) == ("max", (2, 2), (2, 2)):
            return _line("maxpool", [])
        if isinstance(said, net.Activation) and said.kind in ("relu", "tanh"):
            return _line(said.kind, [])
        if isinstance(said, net.Flatten):
            return _line("flatten", [])
        if isinstance(said, net.Dense) and said.bias:
            return _line("dense", weights)
        raise NotAdapted(f"the reference does not write {said!r} for C++ yet")

    def restored(
        self, project: Mapping[str, Any], network: net.Network, files: Mapping[str, str], folder: str, inputs: Array
    ) -> Tensor:
        from fwconformance.frameworks.reference._framework import Reference

        weights = {}
        for line in Path(folder, files["weights"]).read_text(encoding="utf-8").splitlines():
            name, axes, *rest = line.split()
            shape = [int(side) for side in rest[: int(axes)]]
            weights[name] = np.array([float(value) for value in rest[int(axes) :]]).reshape(shape)
        return Reference().build(network, weights).forward(inputs)


def _is_plain(layer: net.Conv2D) -> bool:
    """Whether the program's convolution, which knows nothing of strides and padding, is this one."""
    return layer == net.Conv2D(channels=layer.channels, kernel=layer.kernel)


def _line(kind: str, tensors: Sequence[Array]) -> str:
    words = [kind, str(len(tensors))]
    for tensor in tensors:
        words += [str(tensor.ndim), *map(str, tensor.shape), *(repr(float(value)) for value in tensor.ravel())]
    return " ".join(words) + "\n"


PIECES: Mapping[str, Any] = {"bindings": Bindings}
