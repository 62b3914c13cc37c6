"""Protocols of the pieces for research: derivatives of derivatives, and operators of a user's own in C++."""

from __future__ import annotations

from typing import Any, Mapping, Protocol

from fwconformance.frameworks._pieces_bindings import Project
from fwconformance.frameworks._protocol import Array, Tensor, Weights


class HigherOrder(Protocol):
    """Piece "higher-order": gradients that are differentiated again, by the framework's automatic differentiation.

    All of a network of two layers, ``y = tanh(x @ w1 + b1) @ w2``, with weights {"w1", "b1", "w2"}.
    """

    def penalty(self, weights: Weights, inputs: Array) -> tuple[Tensor, Mapping[str, Tensor]]:
        """``sum(g ** 2) / 2``, ``g`` the gradient of ``sum(y)`` by the inputs, and its own gradients by the weights.

        The gradient penalty of Gulrajani et al. (2017), without its target.
        """
        ...

    def hessian_vector(self, weights: Weights, along: Weights, inputs: Array, targets: Array) -> Mapping[str, Tensor]:
        """The Hessian of ``mean((y - targets) ** 2)`` by the weights, times the vector `along`, in their shapes."""
        ...

    def third(self, inputs: Array) -> Tensor:
        """The third derivative of ``tanh`` at each of `inputs`."""
        ...


class CustomOperator(Protocol):
    """Piece "custom-operator": an operator of the user's own in C++, compiled against what the framework's package
    brings and loaded into this process; below ``fixtures/bindings/operators/``.

    It is ``y = x ** 3 / (1 + x ** 2)``; its backward, in C++ too,
    ``upstream * x ** 2 * (x ** 2 + 3) / (1 + x ** 2) ** 2``.
    """

    def project(self) -> Mapping[str, Any]:
        """``Project(...).to_json()`` of the library.

        Raises `Unsupported` through a probe where the framework takes no operators of others, `Unavailable` where what
        they are compiled against is not installed here.
        """
        ...

    def forward(self, library: str, inputs: Array) -> Tensor:
        """The operator alone, out of the file `library`."""
        ...

    def network(
        self, library: str, weights: Weights, inputs: Array, targets: Array
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Loss ``mean((operator(x @ w1 + b1) @ w2 - t) ** 2)`` and its gradients by "w1", "b1", "w2"."""
        ...


def operator_project(
    framework: str, folder: str, artifact: str, settings: Mapping[str, str], version: str, *, unmet: str = ""
) -> Project:
    """What the `project` of every framework has in common.

    Args:
        framework: its name.
        folder: below ``fixtures/bindings/operators``.
        artifact: what it is compiled against.
        settings: what CMake is told.
        version: of the framework.
        unmet: matches what the compiler says where something beside the framework does not fit.
    """
    return Project(
        language="cpp",
        framework=framework,
        artifact=artifact,
        lineage="official",
        because="It is written as the framework's own guide for C++ extensions has it.",
        folder=f"operators/{folder}",
        shared="operators/shared",
        tool="cmake-library",
        rungs=(),
        settings=settings,
        version=version,
        unmet=unmet,
    )


EXTEND_PIECES: Mapping[str, Any] = {"higher-order": HigherOrder, "custom-operator": CustomOperator}
