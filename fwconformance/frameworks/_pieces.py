"""Protocols of the optional pieces: what only some capabilities need of a framework. Names are in `PIECES`.

As everywhere in the seam, results are native tensors and inputs are NumPy arrays (float32 unless said).
"""

from __future__ import annotations

from typing import Any, Mapping, Protocol, Sequence

from fwconformance.frameworks._pieces_automl import AUTOML_PIECES
from fwconformance.frameworks._pieces_bindings import BINDING_PIECES
from fwconformance.frameworks._pieces_build import BUILD_PIECES
from fwconformance.frameworks._pieces_compile import COMPILE_PIECES
from fwconformance.frameworks._pieces_costs import COSTS_PIECES
from fwconformance.frameworks._pieces_device import DEVICE_PIECES
from fwconformance.frameworks._pieces_ecosystem import ECOSYSTEM_PIECES
from fwconformance.frameworks._pieces_export import EXPORT_PIECES
from fwconformance.frameworks._pieces_extend import EXTEND_PIECES
from fwconformance.frameworks._pieces_operators import OPERATOR_PIECES
from fwconformance.frameworks._pieces_parallel import PARALLEL_PIECES
from fwconformance.frameworks._pieces_serving import SERVING_PIECES
from fwconformance.frameworks._pieces_speed import SPEED_PIECES
from fwconformance.frameworks._pieces_tools import TOOL_PIECES
from fwconformance.frameworks._pieces_vision import VISION_PIECES
from fwconformance.frameworks._pieces_zoo import ZOO_PIECES
from fwconformance.frameworks._protocol import Array, Model, Tensor, Weights


class CustomLayer(Protocol):
    """Piece "custom-layer": a layer class of the user's own with two trained parameters, by the framework's way of
    subclassing.

    The layer is ``y = x * scale + tanh(x) * shift``, `scale` and `shift` of shape (features,), registered as parameters
    so that the framework's optimizer finds them.
    """

    def forward(self, weights: Weights, inputs: Array) -> Tensor:
        """Output for inputs (batch, features) with weights {"scale", "shift"}."""
        ...

    def train(self, weights: Weights, batches: Sequence[tuple[Array, Array]], rate: float) -> Mapping[str, Tensor]:
        """Weights after one SGD step of mean squared error for each (inputs, targets) batch, the layer inside a
        model.
        """
        ...


class CustomGradient(Protocol):
    """Piece "custom-gradient": a function with a backward of the user's own, wrong on purpose so the default cannot
    pass.

    Forward is ``x ** 2``; backward must give ``upstream * 7 * x`` (the true one is ``2 * x``).
    """

    def value_and_gradient(self, inputs: Array) -> tuple[Tensor, Tensor]:
        """``sum(f(x))`` as a scalar tensor and its gradient by x, through the custom rule."""
        ...


class CustomLoop(Protocol):
    """Piece "custom-loop": a training loop written by the user: own forward, own gradients, own update rule.

    The rule is sign descent: ``w -= rate * sign(gradient)``, on the model's own variables, in place, for cross-entropy.
    """

    def train(self, model: Model, batches: Sequence[tuple[Array, Array]], rate: float) -> Sequence[Tensor]:
        """Losses before each step; the model's weights are changed in place."""
        ...


class LowLevel(Protocol):
    """Piece "low-level": work below the high-level API, with tensors, operations and gradients alone (no layer, no
    model class).

    Keras: the backend's own operations inside a Keras model's computation. PyTorch: tensors and autograd without
    torch.nn. TensorFlow: raw operations under a tape. MXNet: NDArray and autograd without Gluon.
    """

    def two_layer(self, weights: Weights, inputs: Array, targets: Array) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Loss ``mean((tanh(x @ w1 + b1) @ w2 - t) ** 2)`` and its gradients by "w1", "b1", "w2"."""
        ...


class Symbolic(Protocol):
    """Piece "symbolic": a network declared as a graph first and executed afterwards (MXNet Symbol, TensorFlow graph,
    ...).
    """

    def two_layer(self, weights: Weights, inputs: Array) -> Tensor:
        """``tanh(x @ w1 + b1) @ w2`` by declaring the graph with placeholders, binding values, running it."""
        ...


PIECES: Mapping[str, Any] = {
    "custom-layer": CustomLayer,
    "custom-gradient": CustomGradient,
    "custom-loop": CustomLoop,
    "low-level": LowLevel,
    "symbolic": Symbolic,
    **EXTEND_PIECES,
    **OPERATOR_PIECES,
    **PARALLEL_PIECES,
    **EXPORT_PIECES,
    **BINDING_PIECES,
    **SERVING_PIECES,
    **SPEED_PIECES,
    **COSTS_PIECES,
    **COMPILE_PIECES,
    **DEVICE_PIECES,
    **BUILD_PIECES,
    **VISION_PIECES,
    **TOOL_PIECES,
    **ZOO_PIECES,
    **ECOSYSTEM_PIECES,
    **AUTOML_PIECES,
}
