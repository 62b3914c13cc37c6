# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""The optional pieces on Keras."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Mapping, Sequence

from fwconformance.frameworks._network import Loss
from fwconformance.frameworks._pieces_compile import COMPILE_PIECES
from fwconformance.frameworks._pieces_costs import COSTS_PIECES
from fwconformance.frameworks._pieces_device import DEVICE_PIECES
from fwconformance.frameworks._pieces_export import EXPORT_PIECES
from fwconformance.frameworks._pieces_extend import EXTEND_PIECES
from fwconformance.frameworks._pieces_parallel import PARALLEL_PIECES
from fwconformance.frameworks._pieces_serving import SERVING_PIECES
from fwconformance.frameworks._pieces_speed import SPEED_PIECES
from fwconformance.frameworks._pieces_vision import VISION_PIECES
from fwconformance.frameworks._programs import no_command_line
from fwconformance.frameworks._protocol import Array, NotAdapted, Tensor, Weights
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._model import KerasModel, make_loss
from fwconformance.frameworks.keras._native import GRAPH, by_jit, keras, ops, placeholder


class ScaleShift(keras.layers.Layer):
    """``x * scale + tanh(x) * shift``: a user's own subclass of `keras.layers.Layer`."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")
        self.shift = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="shift")

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale + ops.tanh(inputs) * self.shift


class _Piece:
    def __init__(self, backend: Backend, device: str) -> None:
        self.backend = backend
        self.device = device

    def tensors(self, *arrays: Array) -> Sequence[Tensor]:
        return [self.backend.tensor(array, "float32") for array in arrays]


class CustomLayer(_Piece):
    """`ScaleShift` in a `keras.Sequential`."""

    def forward(self, weights: Weights, inputs: Array) -> Tensor:
        with self.backend.scope(self.device):
            model, _ = self._model(weights)
            return ops.stop_gradient(model(self.tensors(inputs)[0]))

    def train(self, weights: Weights, batches: Sequence[tuple[Array, Array]], rate: float) -> Mapping[str, Tensor]:
        with self.backend.scope(self.device):
            model, layer = self._model(weights)
            model.compile(optimizer=keras.optimizers.SGD(rate), loss=keras.losses.MeanSquaredError(), **by_jit(False))
            for inputs, targets in batches:
                model.train_on_batch(inputs, targets)
            named = {"scale": layer.scale, "shift": layer.shift}
            return {name: ops.stop_gradient(ops.convert_to_tensor(each)) for name, each in named.items()}

    def _model(self, weights: Weights) -> tuple[Any, ScaleShift]:
        layer = ScaleShift()
        model = keras.Sequential([keras.Input((len(weights["scale"]),)), layer])
        layer.scale.assign(weights["scale"])
        layer.shift.assign(weights["shift"])
        return model, layer


class CustomGradient(_Piece):
    """`keras.ops.custom_gradient`."""

    def value_and_gradient(self, inputs: Array) -> tuple[Tensor, Tensor]:
        @ops.custom_gradient  # type: ignore[untyped-decorator, unused-ignore]
        def square(value: Any) -> Any:
            def backward(*arguments: Any, upstream: Any = None) -> Any:
                # Keras hands the upstream gradient over by name or alone, depending on the backend.
                return ops.multiply(arguments[0] if upstream is None else upstream, 7.0 * value)

            return ops.square(value), backward

        with self.backend.scope(self.device):
            total, (gradient,) = self.backend.differentiate(lambda value: ops.sum(square(value)), self.tensors(inputs))
            return total, gradient


class CustomLoop(_Piece):
    """A loop of the user's own: the backend's gradients, and `assign_sub` on the model's variables."""

    def train(self, model: KerasModel, batches: Sequence[tuple[Array, Array]], rate: float) -> Sequence[Tensor]:
        loss = Loss(kind="cross-entropy")
        measure = make_loss(loss)
        losses = []
        with self.backend.scope(self.device):
            step = self.backend.gradients(model.native, False)
            for inputs, targets in batches:
                wanted = model.targets(loss, targets)
                given = self.backend.tensor(inputs, "int32" if model.network.integer_input else "float32")
                value, gradients, _ = step([given], True, lambda outputs, wanted=wanted: measure(wanted, outputs))
                for variable, gradient in zip(model.native.trainable_variables, gradients):
                    variable.assign_sub(rate * ops.sign(gradient))
                losses.append(value)
        return losses


class LowLevel(_Piece):
    """`keras.ops` alone: no layer and no model."""

    def two_layer(self, weights: Weights, inputs: Array, targets: Array) -> tuple[Tensor, Mapping[str, Tensor]]:
        names = ("w1", "b1", "w2")

        def loss(w1: Any, b1: Any, w2: Any) -> Any:
            hidden = ops.tanh(ops.add(ops.matmul(x, w1), b1))
            return ops.mean(ops.square(ops.subtract(ops.matmul(hidden, w2), t)))

        with self.backend.scope(self.device):
            x, t = self.tensors(inputs, targets)
            value, gradients = self.backend.differentiate(loss, self.tensors(*(weights[name] for name in names)))
            return value, dict(zip(names, gradients))


class Symbolic(_Piece):
    """A graph of `keras.ops` on `keras.Input` placeholders, made a `keras.Function` and then fed."""

    def two_layer(self, weights: Weights, inputs: Array) -> Tensor:
        arrays = (inputs, weights["w1"], weights["b1"], weights["w2"])
        with self.backend.scope(self.device):
            x, w1, b1, w2 = places = [placeholder(array.shape) for array in arrays]
            graph = GRAPH(places, ops.matmul(ops.tanh(ops.add(ops.matmul(x, w1), b1)), w2))
            return graph(list(self.tensors(*arrays)))


_MAKERS: dict[str, Callable[[Backend, str], Any]] = {
    "custom-layer": CustomLayer,
    "custom-gradient": CustomGradient,
    "custom-loop": CustomLoop,
    "low-level": LowLevel,
    "symbolic": Symbolic,
}

#: Pieces in modules of their own, imported when asked for: (backend, piece) to module, which has the same `piece`.
_MODULES: Mapping[tuple[str, str], str] = {
    **{(backend, name): f"_compile_{backend}" for backend in ("torch", "tensorflow", "jax") for name in COMPILE_PIECES},
    **{
        (backend, name): f"_parallel_{backend}"
        for backend in ("torch", "tensorflow", "jax")
        for name in PARALLEL_PIECES
    },
    **{(backend, name): "_accelerator" for backend in ("torch", "tensorflow", "jax") for name in DEVICE_PIECES},
    **{(backend, name): "_export" for backend in ("torch", "tensorflow", "jax") for name in EXPORT_PIECES},
    **{(backend, name): "_extend" for backend in ("torch", "tensorflow", "jax") for name in EXTEND_PIECES},
    **{(backend, name): "_serving" for backend in ("torch", "tensorflow", "jax") for name in SERVING_PIECES},
    **{(backend, name): "_speed" for backend in ("torch", "tensorflow", "jax") for name in SPEED_PIECES},
    **{(backend, name): "_costs" for backend in ("torch", "tensorflow", "jax") for name in COSTS_PIECES},
    **{(backend, "operators"): "_operators" for backend in ("torch", "tensorflow", "jax")},
    **{(backend, "scikeras"): "_scikeras" for backend in ("torch", "tensorflow", "jax")},
    **{(backend, "keras-applications"): "_applications" for backend in ("torch", "tensorflow", "jax")},
    **{(backend, "autokeras"): "_autokeras" for backend in ("torch", "tensorflow", "jax")},
    **{(backend, name): "_vision" for backend in ("torch", "tensorflow", "jax") for name in VISION_PIECES},
}


def piece(name: str, backend: Backend, device: str) -> Any:
    """The piece `name`. Raises `NotAdapted` for one that this adapter does not know, and what its module raises."""
    if name == "command-line":
        no_command_line("keras", "keras")
    if (backend.name, name) in _MODULES:
        module = importlib.import_module(f"{__package__}.{_MODULES[backend.name, name]}")
        return module.piece(name, backend, device)
    if name not in _MAKERS:
        raise NotAdapted(f"the Keras adapter has no piece {name!r}; it has {', '.join(_MAKERS)}")
    return _MAKERS[name](backend, device)
