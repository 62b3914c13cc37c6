"""Protocol of the piece that has the operators of a neutral standard."""

from __future__ import annotations

from typing import Any, Mapping, Protocol, Sequence

from fwconformance.frameworks._protocol import Array, Tensor


class Operators(Protocol):
    """Piece "operators": operators of the ONNX standard, each by one public function of the framework.

    Around that function arguments are put in order, laid out in another way, cast, and given constants, and results
    likewise; nothing else is computed. Two functions one after the other are a user's work, not an operator.
    """

    def find(self, operator: str, words: Sequence[str]) -> Mapping[str, Any]:
        """{"by": the function's dotted name, "near": whether it is known to do another thing}.

        Raises `Unsupported` through a probe where no public name of the framework has one of `words` in it, NotAdapted
        where one has, and this adapter does not call it.
        """
        ...

    def compute(self, operator: str, inputs: Sequence[Array | None], attributes: Mapping[str, Any]) -> Sequence[Tensor]:
        """The operator's outputs, in the framework's float type whatever their own.

        `inputs` and `attributes` are the standard's, with "outputs", their number, among the latter; an input that is
        left out is None.
        """
        ...


OPERATOR_PIECES: Mapping[str, Any] = {"operators": Operators}
