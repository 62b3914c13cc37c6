"""Protocol of the piece about a framework's own command line."""

from __future__ import annotations

from typing import Any, Mapping, Protocol

from fwconformance.frameworks._protocol import Array, Tensor
from fwconformance.frameworks._training import Training


class CommandLine(Protocol):
    """Piece "command-line": the framework's program, started in a process of its own on files in `folder`, which is
    empty.

    `training` says network, weights to start from, loss (cross-entropy) and optimizer, and has no batches: the records
    are `images` and their `labels`, taken `batch` at a time, in order, from the start again where they end.
    """

    def train(
        self, folder: str, training: Training, images: Array, labels: Array, *, batch: int, steps: int
    ) -> Mapping[str, Tensor]:
        """Weights, by neutral name, that the program wrote after `steps` steps."""
        ...

    def test(self, folder: str, training: Training, images: Array, labels: Array, *, batch: int) -> Tensor:
        """The mean loss over one pass that the program prints, a scalar."""
        ...

    def time(self, folder: str, training: Training, images: Array, labels: Array, *, batch: int) -> Tensor:
        """Milliseconds that the program prints for forward and backward of one batch, a scalar."""
        ...


TOOL_PIECES: Mapping[str, Any] = {"command-line": CommandLine}
