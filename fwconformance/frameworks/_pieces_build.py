"""Protocols of the pieces that speak of what a framework's distribution is made of, and what it carries."""

from __future__ import annotations

from typing import Any, Mapping, Protocol, Sequence

from fwconformance.frameworks._protocol import Array, Tensor, Weights


class CarriesCaffe2(Protocol):
    """Piece "caffe2": Caffe2, out of the distribution of PyTorch."""

    def train(
        self, weights: Weights, batches: Sequence[tuple[Array, Array]], rate: float, inputs: Array
    ) -> Mapping[str, Tensor | Sequence[Tensor] | Mapping[str, Tensor]]:
        """Two dense layers with tanh between them, one step of SGD of mean squared error a batch, by Caffe2 alone.

        `weights`: "0.kernel", "0.bias", "2.kernel", "2.bias". "losses", before each step; "weights" afterwards, by the
        same names; "outputs" for `inputs` afterwards. Raises `Unsupported` through a probe where no Caffe2 is carried.
        """
        ...


class UnchangedBuild(Protocol):
    """Piece "unchanged-build": the last release, as it was released, with the compiler and libraries of this machine.

    `released`: its date, ISO 8601.
    """

    released: str

    def attempt(self, folder: str) -> str:
        """What was compiled, in words; `folder` is an empty one to work in.

        Raises `Unsupported` with the compiler's error where it does not compile, `Unavailable` where the source or a
        program that builds it is not here.
        """
        ...


BUILD_PIECES: Mapping[str, Any] = {"caffe2": CarriesCaffe2, "unchanged-build": UnchangedBuild}
