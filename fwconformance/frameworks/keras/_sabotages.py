# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Faults planted in Keras itself, for proving that the suites see them. Each is undone when its context is left."""

from __future__ import annotations

import functools
import importlib
import inspect
from typing import TYPE_CHECKING, Any, Callable, ContextManager, Sequence

from fwconformance.frameworks import _litserve_faults
from fwconformance.frameworks._bridge_faults import CASES, bridge_faults
from fwconformance.frameworks._costs_faults import costs_sabotages
from fwconformance.frameworks._extend_faults import half_curved
from fwconformance.frameworks._idiomatic_faults import usability_sabotages
from fwconformance.frameworks._libraries_faults import library_sabotages
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks._weights_faults import weights_sabotages
from fwconformance.frameworks.keras import (
    _export_sabotages,
    _sabotages_automl,
    _sabotages_ecosystem,
    _sabotages_parallel,
)
from fwconformance.frameworks.keras._native import APPLY, CALLED_GRAPH, HAS_OPS, keras, map_structure, ops, saving

if TYPE_CHECKING:
    from fwconformance.frameworks.keras._adapter import Keras

#: What Keras compiles a function with, by backend: module and attribute.
_COMPILERS = {"tensorflow": ("tensorflow", "function"), "torch": ("torch", "compile"), "jax": ("jax", "jit")}


def _scaled(factor: float) -> Callable[[Any], Any]:
    """A layer's call whose outputs are scaled."""

    def make(original: Any) -> Any:
        taken = inspect.signature(original).parameters

        @functools.wraps(original)  # Keras reads the signature of a layer's call
        def call(self: Any, *arguments: Any, **named: Any) -> Any:
            # Keras 2 reads this one's, and gives it more than the layer's own takes.
            own = {name: value for name, value in named.items() if name in taken or "kwargs" in taken}
            return ops.multiply(original(self, *arguments, **own), factor)

        return call

    return make


def _without_bias(original: Any) -> Any:
    @functools.wraps(original)
    def call(self: Any, inputs: Any, training: Any = None) -> Any:
        return self.activation(ops.matmul(inputs, self.kernel))

    return call


def _maskless(original: Any) -> Any:
    @functools.wraps(original)
    def call(self: Any, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        return original(self, sequences, initial_state=initial_state, mask=None, training=training)

    return call


def _backwards(original: Any) -> Any:
    @functools.wraps(original)
    def call(self: Any, sequences: Any, initial_state: Any = None, mask: Any = None, training: bool = False) -> Any:
        flipped = ops.flip(sequences, axis=1)
        return original(self, flipped, initial_state=initial_state, mask=mask, training=training)

    return call


def _update(factor: float) -> Callable[[Any], Any]:
    """An optimizer that scales its gradients. Not its `update_step`, which Keras on torch does not call."""

    def make(original: Any) -> Any:
        def apply(self: Any, gradients: Any, variables: Any = None) -> Any:
            return original(self, [ops.multiply(each, factor) for each in gradients], variables)

        def apply_gradients(self: Any, pairs: Any, *arguments: Any, **named: Any) -> Any:
            scaled = [(ops.multiply(gradient, factor), variable) for gradient, variable in pairs]
            return original(self, scaled, *arguments, **named)

        return apply if APPLY == "apply" else apply_gradients

    return make


def _forgetful_load(original: Any) -> Any:
    def load_model(*arguments: Any, **named: Any) -> Any:
        model = original(*arguments, **named)
        for variable in model.trainable_variables:
            variable.assign(ops.ones(variable.shape))
        return model

    return load_model


def _dropping_load(original: Any) -> Any:
    def load_model(*arguments: Any, **named: Any) -> Any:
        model = original(*arguments, **named)
        for layer in model.layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.call = _always_training(layer.call)
        return model

    return load_model


def _always_training(original: Any) -> Any:
    @functools.wraps(original)
    def call(inputs: Any, training: Any = None) -> Any:
        return original(inputs, training=True)

    return call


def _default_gradient(original: Any) -> Any:
    def custom_gradient(function: Any) -> Any:
        return lambda *arguments: function(*arguments)[0]

    return custom_gradient


def _halved(original: Any) -> Any:
    return lambda *arguments: original(*arguments) / 2


def _wrong_program(original: Any) -> Any:
    def compiler(function: Any = None, **options: Any) -> Any:
        program = original(function, **options)

        def run(*arguments: Any, **named: Any) -> Any:
            return map_structure(_larger, program(*arguments, **named))

        return run

    return compiler


def _larger(value: Any) -> Any:
    return value * 1.5 if "float" in str(getattr(value, "dtype", "")) else value


def _squared(original: Any) -> Any:
    def call(self: Any, targets: Any, outputs: Any) -> Any:
        return ops.mean(ops.square(ops.subtract(outputs, targets)), axis=-1)

    return call


def sabotages(framework: Keras) -> Sequence[Sabotage]:
    """At least one for each capability area, all for the backend of `framework`."""
    module, attribute = _COMPILERS[framework.backend]
    identity = ("backend.is-tensorflow", "tensors")
    if framework.backend != "tensorflow":
        identity = ("backend.without-tensorflow", "trains")

    def plant(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
        return lambda: replaced(owner, name, make)

    def entry(
        name: str, kills: str, case: str, apply: Callable[[], ContextManager[None]], description: str
    ) -> Sabotage:
        return Sabotage(name=name, kills=kills, case=case, apply=apply, description=description)

    layers, optimizers = keras.layers, keras.optimizers
    return (
        entry("dense-without-bias", "layers.dense", "forward", plant(layers.Dense, "call", _without_bias),
              "keras.layers.Dense leaves its bias out."),
        entry("conv2d-scaled", "layers.conv2d", "forward", plant(layers.Conv2D, "call", _scaled(1.01)),
              "keras.layers.Conv2D gives 1.01 times its outputs."),
        entry("absolute-error-squared", "losses.regression", "mae",
              plant(keras.losses.MeanAbsoluteError, "call", _squared),
              "keras.losses.MeanAbsoluteError squares the errors."),
        entry("lstm-ignores-mask", "rnn.variable-length", "matches-oracle", plant(layers.LSTM, "call", _maskless),
              "keras.layers.LSTM ignores its mask."),
        entry("lstm-reads-backwards", "rnn.lstm", "forward", plant(layers.LSTM, "call", _backwards),
              "keras.layers.LSTM reads its sequence from the end."),
        entry("sgd-doubles-gradient", "train.sgd", "three-steps", plant(optimizers.SGD, APPLY, _update(2.0)),
              "keras.optimizers.SGD takes twice the gradient."),
        *(
            entry(name, f"device.{kind}-training", "train-step", plant(optimizers.SGD, APPLY, _update(factor)), said)
            for kind, name, factor, said in (
                ("tpu", "program-doubles", 2.0, "keras.optimizers.SGD doubles the gradient in the program too."),
                ("gpu", "program-climbs", -1.0, "keras.optimizers.SGD climbs the gradient, in the program too."),
            )
        ),
        entry("load-forgets-weights", "train.checkpoint", "weights-round-trip",
              plant(saving, "load_model", _forgetful_load),
              f"{saving.__name__}.load_model gives back a model of fresh weights."),
        entry("custom-gradient-ignored", "extend.custom-gradient", "wrong-on-purpose",
              plant(ops, "custom_gradient", _default_gradient),
              "keras.ops.custom_gradient ignores the user's backward."),
        entry("tanh-half-curved", "extend.higher-order-gradients", "gradient-penalty",
              plant(ops, "tanh", half_curved(ops.stop_gradient)),
              "keras.ops.tanh has half its second derivative, and its right value and slope."),
        entry("product-halved", "extend.custom-operator", "gradients", plant(ops, "matmul", _halved),
              "keras.ops.matmul halves the product that the operator is given."),
        entry("ceil-floors", "operators.onnx-coverage", "onnx-operator-set",
              plant(ops, "ceil", lambda _: ops.floor), "keras.ops.ceil gives what keras.ops.floor does.")
        if HAS_OPS else
        entry("sign-is-absolute", "operators.onnx-coverage", "onnx-operator-set",
              plant(keras.backend, "sign", lambda _: keras.backend.abs),
              "keras.backend.sign gives what keras.backend.abs does."),
        entry("compiler-changes-outputs", "modes.compiled", "forward-agrees",
              plant(importlib.import_module(module), attribute, _wrong_program),
              f"{module}.{attribute} makes programs that give 1.5 times the outputs."),
        entry("graph-changes-outputs", "modes.symbolic", "agrees", plant(CALLED_GRAPH, "call", _scaled(1.5)),
              f"{CALLED_GRAPH.__name__} gives 1.5 times what its graph says."),
        entry("backend-trains-backwards", *identity, plant(optimizers.SGD, APPLY, _update(-1.0)),
              f"Keras on {framework.backend} climbs the gradient."),
        entry("adam-climbs", "tasks.tabular", "trains", plant(optimizers.Adam, APPLY, _update(-1.0)),
              "keras.optimizers.Adam climbs the gradient."),
        entry("dense-halved", "speed.smoke", "forward", plant(layers.Dense, "call", _scaled(0.5)),
              "keras.layers.Dense halves its outputs."),
        entry("read-back-convolution-halved", "vision.expressive-definition", "read-back",
              plant(layers.Conv2D, "call", _scaled(0.5)), "keras.layers.Conv2D halves its outputs."),
        *_sabotages_parallel.sabotages(framework),
        *_export_sabotages.sabotages(framework.backend),
        *_litserve_faults.faults(_export_sabotages.sabotages(framework.backend), "keras-file"),
        # On JAX no convolutional file runs even without a fault (a finding).
        *bridge_faults(
            _export_sabotages.sabotages(framework.backend),
            cases=("install", "recurrent") if framework.backend == "jax" else CASES,
        ),
        entry("serving-predicts-in-training", "export.serving", "answers",
              plant(saving, "load_model", _dropping_load),
              f"{saving.__name__}.load_model gives back a model that drops out in inference too."),
        *_sabotages_ecosystem.ECOSYSTEM_SABOTAGES,
        *costs_sabotages("keras"),
        *_sabotages_automl.AUTOML_SABOTAGES,
        *library_sabotages("keras"),
        *weights_sabotages("keras"),
        *usability_sabotages("keras"),
    )  # fmt: skip
