# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""The optional pieces on TensorFlow without Keras."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Mapping, Sequence

import tensorflow as tf

from fwconformance.frameworks._network import Loss
from fwconformance.frameworks._pieces_bindings import BINDING_PIECES
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
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, scope


class ScaleShift(tf.Module):
    """``x * scale + tanh(x) * shift``: a user's own subclass of tf.Module, which collects its variables."""

    def __init__(self, weights: Weights) -> None:
        super().__init__()
        self.scale = tf.Variable(weights["scale"], dtype=tf.float32)
        self.shift = tf.Variable(weights["shift"], dtype=tf.float32)

    def __call__(self, x: Any) -> Any:
        return x * self.scale + tf.tanh(x) * self.shift


class _Piece:
    def __init__(self, device: str) -> None:
        self.device = device


class CustomLayer(_Piece):
    """`ScaleShift` inside another tf.Module, trained through the variables that the outer one collects."""

    def forward(self, weights: Weights, inputs: Array) -> Tensor:
        with scope(self.device):
            return ScaleShift(weights)(tf.constant(inputs, tf.float32))

    def train(self, weights: Weights, batches: Sequence[tuple[Array, Array]], rate: float) -> Mapping[str, Tensor]:
        with scope(self.device):
            model = tf.Module()
            model.layer = ScaleShift(weights)
            optimizer = tf.compat.v1.train.GradientDescentOptimizer(rate)
            for inputs, targets in batches:
                with tf.GradientTape() as tape:
                    outputs = model.layer(tf.constant(inputs, tf.float32))
                    loss = tf.compat.v1.losses.mean_squared_error(targets, outputs)
                variables = model.trainable_variables
                optimizer.apply_gradients(list(zip(tape.gradient(loss, variables), variables)))
            return {"scale": tf.identity(model.layer.scale), "shift": tf.identity(model.layer.shift)}


class CustomGradient(_Piece):
    """tf.custom_gradient."""

    def value_and_gradient(self, inputs: Array) -> tuple[Tensor, Tensor]:
        @tf.custom_gradient  # type: ignore[untyped-decorator, unused-ignore]
        def square(value: Any) -> Any:
            return tf.square(value), lambda upstream: upstream * 7.0 * value

        with scope(self.device):
            x = tf.constant(inputs, tf.float32)
            with tf.GradientTape() as tape:
                tape.watch(x)
                total = tf.reduce_sum(square(x))
            return total, tape.gradient(total, x)


class CustomLoop(_Piece):
    """A loop of the user's own: a tape, and `assign_sub` on the module's variables."""

    def train(self, model: TensorFlowModel, batches: Sequence[tuple[Array, Array]], rate: float) -> Sequence[Tensor]:
        loss = Loss(kind="cross-entropy")
        losses = []
        with scope(self.device):
            for inputs, targets in batches:
                value, gradients, _ = model.differentiate(
                    loss, model.inputs(inputs), model.targets(loss, targets), True
                )
                for variable, gradient in zip(model.trained, gradients):
                    variable.assign_sub(rate * tf.sign(gradient))
                losses.append(value)
        return losses


class LowLevel(_Piece):
    """tf.raw_ops under a tape."""

    def two_layer(self, weights: Weights, inputs: Array, targets: Array) -> tuple[Tensor, Mapping[str, Tensor]]:
        raw, names = tf.raw_ops, ("w1", "b1", "w2")
        with scope(self.device):
            x, t = tf.constant(inputs, tf.float32), tf.constant(targets, tf.float32)
            given = [tf.constant(weights[name], tf.float32) for name in names]
            with tf.GradientTape() as tape:
                tape.watch(given)
                w1, b1, w2 = given
                hidden = raw.Tanh(x=raw.AddV2(x=raw.MatMul(a=x, b=w1), y=b1))
                off = raw.SquaredDifference(x=raw.MatMul(a=hidden, b=w2), y=t)
                loss = raw.Mean(input=off, axis=[0, 1])
            return loss, dict(zip(names, tape.gradient(loss, given)))


class Symbolic(_Piece):
    """A TensorFlow 1 graph of placeholders, declared first and run afterwards. It runs through
    `tf.compat.v1.wrap_function` and its
    `prune`, not a Session, because a Session hands out NumPy arrays, which tell nothing of the device.
    """

    def two_layer(self, weights: Weights, inputs: Array) -> Tensor:
        arrays = {"x": inputs, "w1": weights["w1"], "b1": weights["b1"], "w2": weights["w2"]}

        def declare() -> None:
            place = {
                name: tf.compat.v1.placeholder(tf.float32, array.shape, name=name) for name, array in arrays.items()
            }
            hidden = tf.tanh(tf.matmul(place["x"], place["w1"]) + place["b1"])
            tf.identity(tf.matmul(hidden, place["w2"]), name="y")

        with scope(self.device):
            graph = tf.compat.v1.wrap_function(declare, [])
            run = graph.prune(feeds=[f"{name}:0" for name in arrays], fetches="y:0")
            return run(*(tf.constant(array, tf.float32) for array in arrays.values()))


_MAKERS: dict[str, Callable[[str], Any]] = {
    "custom-layer": CustomLayer,
    "custom-gradient": CustomGradient,
    "custom-loop": CustomLoop,
    "low-level": LowLevel,
    "symbolic": Symbolic,
}


#: Pieces in modules of their own, imported when asked for: name to module, which has the same `piece`.
_MODULES: Mapping[str, str] = {
    **dict.fromkeys(PARALLEL_PIECES, "_parallel"),
    **dict.fromkeys(COMPILE_PIECES, "_compile"),
    **dict.fromkeys(DEVICE_PIECES, "_accelerator"),
    **dict.fromkeys(EXPORT_PIECES, "_export"),
    **dict.fromkeys(EXTEND_PIECES, "_extend"),
    **dict.fromkeys(BINDING_PIECES, "_bindings"),
    **dict.fromkeys(SERVING_PIECES, "_serving"),
    **dict.fromkeys(SPEED_PIECES, "_speed"),
    **dict.fromkeys(COSTS_PIECES, "_costs"),
    **dict.fromkeys(VISION_PIECES, "_vision"),
    "tensorflow-probability": "_probability",
    "operators": "_operators",
}


def piece(name: str, device: str) -> Any:
    """The piece `name`. Raises `NotAdapted` for one that this adapter does not know, and what its module raises."""
    if name == "command-line":
        no_command_line("tensorflow", "tensorflow", "tensorflow-cpu")
    if name in _MODULES:
        return importlib.import_module(f"{__package__}.{_MODULES[name]}").piece(name, device)
    if name not in _MAKERS:
        raise NotAdapted(f"the TensorFlow adapter has no piece {name!r}; it has {', '.join(_MAKERS)}")
    return _MAKERS[name](device)
