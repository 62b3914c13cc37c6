"""Protocols of the pieces about pretrained networks in files that others published."""

from __future__ import annotations

from typing import Any, Mapping, Protocol

from fwconformance.frameworks._protocol import Array, Tensor


class CaffeModel(Protocol):
    """Piece "caffe-model": a network of the Caffe Model Zoo, loaded by the framework itself.

    `definition` is the path of a ``.prototxt`` whose one input is called "data", `weights` that of a ``.caffemodel``.
    """

    def forward(self, definition: str, weights: str, inputs: Array) -> Tensor:
        """What the network's last layer gives for `inputs` (examples, channels, rows, columns)."""
        ...

    def blobs(self, definition: str, weights: str) -> Mapping[str, Tensor]:
        """Every blob of weights that the loaded network holds: "layer.index"."""
        ...


class CaffeConversion(Protocol):
    """Piece "caffe-conversion": a network of the Caffe Model Zoo, converted by the framework's own tool."""

    def forward(self, definition: str, weights: str, inputs: Array) -> Tensor:
        """As `CaffeModel.forward`, by the network that the conversion gave.

        Raises `Unsupported` with the tool's own words for a network that it does not convert, Unavailable where what
        the tool needs is not here.
        """
        ...


ZOO_PIECES: Mapping[str, Any] = {"caffe-model": CaffeModel, "caffe-conversion": CaffeConversion}
