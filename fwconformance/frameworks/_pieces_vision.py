"""Protocols of the pieces about images and about networks that are defined without code."""

from __future__ import annotations

from typing import Any, Mapping, Protocol, Sequence

from fwconformance.frameworks._network import Network
from fwconformance.frameworks._protocol import Array, Tensor, Weights
from fwconformance.frameworks._training import Training


class Preprocessing(Protocol):
    """Piece "preprocessing": from a decoded photograph to a network's input, by the framework's own means."""

    def batch(self, images: Array, mean: Array, scale: float, height: int, width: int) -> Tensor:
        """``(image - mean) * scale``, cropped at the centre.

        Args:
            images: (images, rows, columns, 3), 0 to 255, the channels red, green, blue.
            mean: (3,), one a channel, in the order blue, green, red.
            scale: factor.
            height: rows that are left; the rows cut off are an even number.
            width: columns that are left; the columns cut off are an even number.

        Returns:
            (images, 3, height, width), the channels blue, green, red.
        """
        ...


class DataFiles(Protocol):
    """Piece "data-files": records in files of a format that the framework's own readers take.

    A record is an image, (channels, height, width), and its class id. Tensors of labels are of the float type.
    """

    def write(self, folder: str, images: Array, labels: Array, files: int) -> None:
        """The records, in their order, spread over as many `files` in the existing `folder`."""
        ...

    def read(
        self, folder: str, batch: int, count: int, *, shuffle: bool = False, seed: int = 0
    ) -> Sequence[tuple[Tensor, Tensor]]:
        """The first `count` batches, (images, labels) each, of the framework's reader; it starts again where the
        records end. `shuffle`: in another order.
        """
        ...

    def train(self, folder: str, training: Training, batch: int, steps: int) -> Mapping[str, Tensor]:
        """Weights, by neutral name, after `steps` steps of `training` (without batches) on those of the reader."""
        ...


class Definition(Protocol):
    """Piece "definition": a network as text of the framework's own format, no program; layers are called by the place
    that they have in the network, so that weights find them.

    Networks have layers Conv2D, Activation, Pool2D, Flatten and Dense.
    """

    def write(self, network: Network) -> str:
        """The definition of `network`, without weights."""
        ...

    def forward(self, text: str, weights: Weights, inputs: Array) -> Tensor:
        """Outputs of the network that `text` defines."""
        ...

    def train(
        self, text: str, weights: Weights, batches: Sequence[tuple[Array, Array]], rate: float
    ) -> Mapping[str, Tensor]:
        """Weights, by neutral name, after a step of SGD on the mean squared error for each of `batches`."""
        ...

    def own_layer(self, weights: Weights, inputs: Array) -> tuple[str, Tensor]:
        """(a definition that names a layer of the user's own, ``x * scale + tanh(x) * shift``, its outputs for
        `inputs` with weights {"scale", "shift"}).
        """
        ...


VISION_PIECES: Mapping[str, Any] = {
    "preprocessing": Preprocessing,
    "data-files": DataFiles,
    "definition": Definition,
}
