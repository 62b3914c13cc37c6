"""Protocols of the pieces that speak of an accelerator: what only one that is here can show, and what a build says."""

from __future__ import annotations

from typing import Any, Mapping, Protocol, Sequence

from fwconformance.frameworks._protocol import Array, Tensor, Trainer
from fwconformance.frameworks._training import Training


class Accelerator(Protocol):
    """Piece "accelerator": works on the adapter's own device. What the framework lacks is refused by a probe."""

    def state(self, trainer: Trainer) -> Sequence[Tensor]:
        """The real-valued tensors of the trainer's optimizer (momentum, moments), at least one a trained weight."""
        ...

    def train_mixed(self, training: Training, held_out: Array) -> Mapping[str, Any]:
        """Train in the framework's own mixed precision, and compute outputs for the inputs `held_out` in it.

        "outputs", cast to float32; "weights", the ones that the optimizer keeps, float32 tensors by neutral name, in
        the neutral layout; "computed", the dtype (NumPy's or the framework's name) that a matrix product inside the
        network was seen to have.
        """
        ...

    def exceed(self, limit: int, size: int, left: Array, right: Array) -> Mapping[str, Any]:
        """Limit the device's memory to `limit` bytes, ask for `size` more, then multiply two matrices.

        Called in a fresh process, in which nothing has worked on the device yet. "refused", "type: message" of the
        framework's out-of-memory error, "" where there was none; "product", of the matrices, computed afterwards.
        """
        ...


class Build(Protocol):
    """Piece "build": what the framework's build says of itself, read without any device."""

    def gpu(self) -> Mapping[str, Any]:
        """Of the graphics cards that it is for.

        "kind", toolkit and version ("CUDA 13.2"), "" where it is for none; "architectures", a list of those that it
        holds code for, empty where it does not say; "libraries", those of the toolkit that it uses, name to version.
        """
        ...


DEVICE_PIECES: Mapping[str, Any] = {"accelerator": Accelerator, "build": Build}
