# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""A neutral network as a Keras functional model, and the same model masked for sequences of several lengths."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from fwconformance.frameworks._network import STATE_ROLES, Loss, Network
from fwconformance.frameworks._protocol import Array, NotAdapted, Tensor, Weights
from fwconformance.frameworks.keras._backends import Backend
from fwconformance.frameworks.keras._layers import Flow, connect, make
from fwconformance.frameworks.keras._native import keras, ops
from fwconformance.frameworks.keras._slots import Slot, slots


class KerasModel:
    """A network built of Keras' layers.

    Attributes:
        network: what was asked for.
        native: the functional `keras.Model` from inputs to outputs, which is what trains and is saved.
        jit: whether work goes through the compiled mode.
    """

    def __init__(self, network: Network, backend: Backend, device: str, weights: Weights | None = None) -> None:
        self.network = network
        self.jit = False
        self.device = device
        self.backend = backend
        self._layers: list[Any] = []
        self._functions: dict[Any, Any] = {}
        with backend.scope(device):
            # JAX compiles a generator for each shape, which takes longer than most cases: none where weights are given.
            self.native = self._wire(masked=False, drawn=weights is None)
            self._slots = self._find_slots()
            self._masked: Any | None = None
            if weights is not None:
                self._set(weights)

    def compiled(self) -> KerasModel:
        """The same layers through Keras' compiled mode: tf.function (with XLA where `jit_compile="auto"` would take
        it) on
        TensorFlow, jax.jit on JAX, torch.compile on torch; a trainer of it passes `jit_compile` accordingly.
        """
        other = KerasModel.__new__(KerasModel)
        other.__dict__.update(self.__dict__)
        other.jit = True
        other.__dict__["_functions"] = {}
        return other

    def forward(self, inputs: Array, *, training: bool = False, lengths: Array | None = None) -> Tensor:
        """See `Model.forward`. `lengths` becomes Keras' mask, given to every recurrent and attention layer."""
        with self.backend.scope(self.device):
            model = self._model(lengths)
            function = self._function("forward", model, self.backend.forward)
            return function(self._inputs(inputs, lengths), training)

    def gradients(
        self, loss: Loss, inputs: Array, targets: Array, *, training: bool = False, lengths: Array | None = None
    ) -> tuple[Tensor, Mapping[str, Tensor], Tensor | None]:
        """See `Model.gradients`."""
        with self.backend.scope(self.device):
            model = self._model(lengths)
            function = self._function("gradients", model, self.backend.gradients)
            measure, wanted = make_loss(loss), self.targets(loss, targets)
            value, found, inward = function(
                self._inputs(inputs, lengths), training, lambda outputs: measure(wanted, outputs)
            )
            by_variable = {id(variable): each for variable, each in zip(model.trainable_variables, found)}
            named: dict[str, Tensor] = {}
            for index, slot in self._slots:
                if not STATE_ROLES.intersection(slot.roles):
                    parts = slot.split(by_variable[id(slot.variable)])
                    named.update({f"{index}.{role}": part for role, part in zip(slot.roles, parts)})
            return value, named, inward

    def weights(self) -> Mapping[str, Tensor]:
        """See `Model.weights`; copies, since some backends change variables in place."""
        with self.backend.scope(self.device):
            return self.read(lambda variable: ops.copy(ops.stop_gradient(ops.convert_to_tensor(variable))))

    def read(self, value: Callable[[Any], Tensor]) -> Mapping[str, Tensor]:
        """Every weight by neutral name, in the neutral layout, as `value` reads its Keras variable."""
        found: dict[str, Tensor] = {}
        for index, slot in self._slots:
            parts = slot.split(value(slot.variable))
            found.update({f"{index}.{role}": part for role, part in zip(slot.roles, parts)})
        return found

    def named_slots(self) -> list[tuple[str, Slot]]:
        """(neutral name, slot) of each weight. Raises NotAdapted where a Keras variable holds several weights."""
        for index, slot in self._slots:
            if len(slot.roles) > 1:
                raise NotAdapted(f"layer {index} keeps {', '.join(slot.roles)} in one variable of Keras")
        return [(f"{index}.{slot.roles[0]}", slot) for index, slot in self._slots]

    def adopt(self, loaded: Any) -> None:
        """Go on with `loaded`, a `keras.Model` of the same network that was read from a file."""
        self.native = loaded
        self._layers = [loaded.get_layer(_name(index, spec)) for index, spec in enumerate(self.network.layers)]
        self._slots = self._find_slots()
        self._masked = None
        self._functions.clear()

    def targets(self, loss: Loss, targets: Array) -> Tensor:
        """`targets` as the loss wants them: class ids as int32, else float32."""
        return ops.convert_to_tensor(targets, dtype="int32" if loss.kind == "cross-entropy" else "float32")

    def _inputs(self, inputs: Array, lengths: Array | None) -> list[Tensor]:
        given = [self.backend.tensor(inputs, "int32" if self.network.integer_input else "float32")]
        if lengths is not None:
            steps = ops.arange(inputs.shape[1], dtype="int32")
            given.append(ops.less(steps[None, :], ops.convert_to_tensor(lengths, dtype="int32")[:, None]))
        return given

    def _model(self, lengths: Array | None) -> Any:
        if lengths is None:
            return self.native
        if self._masked is None:
            self._masked = self._wire(masked=True)
        return self._masked

    def _function(self, kind: str, model: Any, build: Callable[[Any, bool], Any]) -> Any:
        key = (kind, id(model))
        if key not in self._functions:
            self._functions[key] = build(model, self.jit)
        return self._functions[key]

    def _wire(self, *, masked: bool, drawn: bool = True) -> Any:
        dtype = "int32" if self.network.integer_input else "float32"
        inputs = keras.Input(self.network.input_shape, dtype=dtype, name="inputs")
        mask = keras.Input((self.network.input_shape[0],), dtype="bool", name="mask") if masked else None
        flow = Flow(inputs, mask)
        flow.keep()
        for index, spec in enumerate(self.network.layers):
            if index == len(self._layers):
                self._layers.append(make(spec, _name(index, spec), flow, drawn=drawn))
            connect(spec, self._layers[index], flow)
        return keras.Model([inputs, mask] if masked else inputs, flow.neutral())

    def _find_slots(self) -> list[tuple[int, Slot]]:
        pairs = enumerate(zip(self.network.layers, self._layers))
        return [(index, slot) for index, (spec, layer) in pairs for slot in slots(spec, layer)]

    def _set(self, weights: Weights) -> None:
        for index, slot in self._slots:
            slot.variable.assign(slot.join(*(weights[f"{index}.{role}"] for role in slot.roles)))


def make_loss(loss: Loss, **options: Any) -> Any:
    """Keras' own loss for `loss`, called as ``(targets, outputs)``; `options` are Keras' (``reduction``)."""
    makers: dict[str, tuple[Any, dict[str, Any]]] = {
        "mse": (keras.losses.MeanSquaredError, {}),
        "mae": (keras.losses.MeanAbsoluteError, {}),
        "huber": (keras.losses.Huber, {"delta": 1.0}),
        "binary-cross-entropy": (keras.losses.BinaryCrossentropy, {"from_logits": True}),
        "cross-entropy": (keras.losses.SparseCategoricalCrossentropy, {"from_logits": True}),
    }
    if loss.kind not in makers:
        raise NotAdapted(f"the Keras adapter has no loss {loss.kind!r} yet")
    kind, own = makers[loss.kind]
    return kind(**own, **options)


def _name(index: int, spec: Any) -> str:
    return f"layer{index}_{type(spec).__name__.lower()}"
