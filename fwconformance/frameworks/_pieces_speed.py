"""Protocol of the piece that prepares work to be timed: without the seam's conversions."""

from __future__ import annotations

from typing import Any, Mapping, Protocol

from fwconformance.frameworks._network import Network
from fwconformance.frameworks._protocol import Array, Model, Tensor, Trainer, Weights
from fwconformance.frameworks._training import Training


class Timed(Protocol):
    """Work prepared once: weights, inputs and targets lie on the device.

    Attributes:
        model: what is timed, as the seam knows models; it shares the weights, and it works in the mode that is timed.
        trainer: for training, as the seam knows trainers, over the same weights and optimizer state; else None.
    """

    model: Model
    trainer: Trainer | None

    def call(self) -> Tensor:
        """Do it once. Outputs of inference, or the loss before a training step: a native tensor.

        When it returns, the work is done: outputs are computed, weights are updated, whatever the framework queues.
        """
        ...


class Speed(Protocol):
    """Piece "speed". A mode is a way of running that the framework's own documentation offers for the same code.

    Attributes:
        modes: name to one sentence that says how it runs, in the framework's words. "default" is what its users get
            who set nothing. "bf16" and "amp" (float16) compute products in a type half as wide, by the framework's own
            mixed precision; weights, losses and updates stay float32. They are there on a graphics card alone.
        best: the name of the mode that the framework's documentation recommends for speed; named before anything is
            measured, so it need not be the fastest.
        layout: of images in memory, in words.
        arithmetic: the libraries that compute on this device, with versions where they are told.
    """

    modes: Mapping[str, str]
    best: str
    layout: str

    @property
    def arithmetic(self) -> str: ...

    def inference(self, network: Network, weights: Weights, inputs: Array, mode: str) -> Timed:
        """Forward passes in inference mode, no gradients kept. Raises `Unsupported` or NotAdapted for what a mode
        cannot run.
        """
        ...

    def training(self, work: Training, mode: str) -> Timed:
        """Training steps on the one batch of `work`: forward, backward, update. Raises as `inference` does."""
        ...


SPEED_PIECES: Mapping[str, Any] = {"speed": Speed}
