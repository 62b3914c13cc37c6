# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""A neutral network as a tf.Module, differentiated under a tape."""

from __future__ import annotations

from typing import Any, Callable, Mapping

import tensorflow as tf

from fwconformance.frameworks._network import (
    GRU,
    LSTM,
    Activation,
    BatchNorm,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    LayerNorm,
    LocalResponseNorm,
    Loss,
    Network,
    Pool2D,
    Route,
    SelfAttention,
    Shortcut,
    recalled,
    sources,
    weight_shapes,
)
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._protocol import Array, NotAdapted, Tensor, Weights
from fwconformance.frameworks._tffunction import for_any_shape
from fwconformance.frameworks.tensorflow import _layers, _refusals
from fwconformance.frameworks.tensorflow._layouts import layouts
from fwconformance.frameworks.tensorflow._normalisation import BatchNormLayer, LayerNormLayer
from fwconformance.frameworks.tensorflow._recurrent import GRULayer, LSTMLayer

_KINDS: Mapping[type, Any] = {
    Dense: _layers.DenseLayer,
    Conv2D: _layers.ConvLayer,
    ConvTranspose2D: _layers.ConvTransposeLayer,
    Pool2D: _layers.PoolLayer,
    BatchNorm: BatchNormLayer,
    LayerNorm: LayerNormLayer,
    LocalResponseNorm: _layers.ResponseNormLayer,
    Dropout: _layers.DropoutLayer,
    Embedding: _layers.EmbeddingLayer,
    LSTM: LSTMLayer,
    GRU: GRULayer,
    Activation: _layers.ActivationLayer,
    Flatten: _layers.FlattenLayer,
    Shortcut: _layers.JoinLayer,
    Route: _layers.JoinLayer,
}


class Stack(tf.Module):
    """Layers one after another; what tf.train.Checkpoint saves."""

    def __init__(self, network: Network, weights: Weights | None) -> None:
        super().__init__()
        shapes = weight_shapes(network)
        self._recalled = recalled(network.layers)
        self.layers: list[Any] = []
        for index, spec in enumerate(network.layers):
            if isinstance(spec, SelfAttention):
                refuse(_refusals.attention(), note=_refusals.THROUGH_KERAS)
            if type(spec) not in _KINDS:
                raise NotAdapted(f"the TensorFlow adapter has no layer for {type(spec).__name__}")
            own = _below(index, shapes)
            given = None if weights is None else _below(index, weights)
            self.layers.append(_KINDS[type(spec)](spec, own, given))
        self._layouts = layouts(network, self.layers)

    def __call__(self, x: Any, training: bool, lengths: Any = None) -> Any:
        earlier = {-1: x}
        for index, (layer, turns) in enumerate(zip(self.layers, self._layouts.before)):
            if isinstance(layer, _layers.JoinLayer):
                held = {**earlier, index - 1: x}
                given = [held[source] for source in sources(layer.spec, index)]
                x = layer([turn(each) if turn else each for turn, each in zip(turns, given)], training, lengths)
            else:
                (turn,) = turns
                x = layer(turn(x) if turn else x, training, lengths)
            if lengths is not None and not getattr(layer.spec, "sequences", True):
                lengths = None
            if index in self._recalled:
                earlier[index] = x
        return self._layouts.after(x) if self._layouts.after else x


class TensorFlowModel:
    """A network built on tf.nn and tf.raw_ops.

    Attributes:
        network: what was asked for.
        native: the tf.Module.
        trained: its trainable variables.
        jit: whether work goes through tf.function.
        loss_scale: by which losses are multiplied before they are differentiated, and gradients divided afterwards.
    """

    loss_scale = 1.0

    def __init__(self, network: Network, device: str, weights: Weights | None = None) -> None:
        self.network = network
        self.device = device
        self.jit = False
        with scope(device):
            self.native = Stack(network, weights)
        self._call: Callable[..., Any] = self.native
        # Searched for once: each time would take a tenth of a small step.
        self.trained: list[Any] = list(self.native.trainable_variables)

    def compiled(self) -> TensorFlowModel:
        """The same variables through tf.function: forward, gradients, and a trainer's steps."""
        other = TensorFlowModel.__new__(TensorFlowModel)
        other.__dict__.update(self.__dict__)
        other.jit = True
        other.__dict__["_call"] = for_any_shape(tf, self.native.__call__)
        return other

    def forward(self, inputs: Array, *, training: bool = False, lengths: Array | None = None) -> Tensor:
        """See `Model.forward`."""
        with scope(self.device):
            return self._call(self.inputs(inputs), training, _lengths(lengths))

    def gradients(
        self, loss: Loss, inputs: Array, targets: Array, *, training: bool = False, lengths: Array | None = None
    ) -> tuple[Tensor, Mapping[str, Tensor], Tensor | None]:
        """See `Model.gradients`. Raises `Unsupported` where TensorFlow has no gradient for an operation of the
        network.
        """
        with scope(self.device):

            def run(x: Tensor, wanted: Tensor, counted: Any) -> Any:
                return self.differentiate(loss, x, wanted, training, counted)

            step = tf.function(run) if self.jit else run
            value, found, inward = step(self.inputs(inputs), self.targets(loss, targets), _lengths(lengths))
            return value, self._named(found), inward

    def differentiate(
        self,
        loss: Loss,
        inputs: Tensor,
        targets: Tensor,
        training: bool,
        lengths: Any = None,
        *,
        inputs_too: bool = True,
    ) -> tuple[Tensor, list[Tensor], Tensor | None]:
        """(loss, gradient of each trainable variable of the module, dense, gradient of real inputs), under a tape.

        `inputs_too`: else their gradient is None, and not computed: no step needs it.
        """
        variables = self.trained
        real = inputs_too and inputs.dtype.is_floating
        with tf.GradientTape() as tape:
            if real:
                tape.watch(inputs)
            value = measure(loss, targets, self.native(inputs, training, lengths))
            scaled = value if self.loss_scale == 1.0 else value * self.loss_scale
        try:
            asked = [*variables, inputs] if inputs_too else variables
            found = tape.gradient(scaled, asked, unconnected_gradients="zero")
        except LookupError:
            # The tape says so by LookupError; only GRUBlockCell is known to be without a gradient.
            refuse(_refusals.gru_gradient(), note=_refusals.THROUGH_KERAS)
        if self.loss_scale != 1.0:
            found = [each / self.loss_scale for each in map(tf.convert_to_tensor, found)]
        gradients = [tf.convert_to_tensor(each) for each in found[: len(variables)]]
        return value, gradients, found[-1] if real else None

    def weights(self) -> Mapping[str, Tensor]:
        """See `Model.weights`."""
        with scope(self.device):
            return {name: layer.outward(role, variable) for name, layer, role, variable in self.named_variables()}

    def inputs(self, inputs: Array) -> Tensor:
        return tf.convert_to_tensor(inputs, dtype=tf.int64 if self.network.integer_input else tf.float32)

    def targets(self, loss: Loss, targets: Array) -> Tensor:
        return tf.convert_to_tensor(targets, dtype=tf.int64 if loss.kind == "cross-entropy" else tf.float32)

    def _named(self, gradients: list[Tensor]) -> dict[str, Tensor]:
        by_variable = {variable.ref(): each for variable, each in zip(self.trained, gradients)}
        return {
            name: layer.outward(role, by_variable[variable.ref()])
            for name, layer, role, variable in self.named_variables()
            if variable.trainable
        }

    def named_variables(self) -> list[tuple[str, Any, str, Any]]:
        """(neutral name, layer, role, tf.Variable) of each weight."""
        return [
            (f"{index}.{role}", layer, role, variable)
            for index, layer in enumerate(self.native.layers)
            for role, variable in layer.roles.items()
        ]


def measure(loss: Loss, targets: Tensor, outputs: Tensor) -> Tensor:
    """The mean of `elementwise`."""
    return tf.reduce_mean(elementwise(loss, targets, outputs))


def elementwise(loss: Loss, targets: Tensor, outputs: Tensor) -> Tensor:
    """The loss of each element, TensorFlow's own outside Keras: for classes by tf.nn, as its programs have it;
    for errors it has those of tf.compat.v1.losses alone.
    """
    if loss.kind == "cross-entropy":
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=outputs)
    if loss.kind == "binary-cross-entropy":
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=outputs)
    losses = tf.compat.v1.losses
    each = {"reduction": losses.Reduction.NONE}
    if loss.kind == "mse":
        return losses.mean_squared_error(targets, outputs, **each)
    if loss.kind == "mae":
        return losses.absolute_difference(targets, outputs, **each)
    if loss.kind == "huber":
        return losses.huber_loss(targets, outputs, delta=1.0, **each)
    raise NotAdapted(f"the TensorFlow adapter has no loss {loss.kind!r} yet")


def scope(device: str) -> Any:
    """tf.device for one of the seam's device words."""
    kind, _, index = device.partition(":")
    return tf.device(f"/{ {'cpu': 'CPU', 'cuda': 'GPU', 'tpu': 'TPU'}[kind] }:{index or 0}".replace(" ", ""))


def _below(index: int, named: Mapping[str, Any]) -> dict[str, Any]:
    prefix = f"{index}."
    return {name[len(prefix) :]: value for name, value in named.items() if name.startswith(prefix)}


def _lengths(lengths: Array | None) -> Any:
    return None if lengths is None else tf.convert_to_tensor(lengths, dtype=tf.int64)
