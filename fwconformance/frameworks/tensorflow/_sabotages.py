# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Faults planted in TensorFlow itself, for proving that the suites see them. Each is undone when its context is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, ContextManager, Sequence

import tensorflow as tf

from fwconformance.frameworks import _litserve_faults
from fwconformance.frameworks._bridge_faults import bridge_faults
from fwconformance.frameworks._costs_faults import costs_sabotages
from fwconformance.frameworks._extend_faults import half_curved
from fwconformance.frameworks._idiomatic_faults import usability_sabotages
from fwconformance.frameworks._libraries_faults import library_sabotages
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks._weights_faults import weights_sabotages
from fwconformance.frameworks.tensorflow import (
    _export_sabotages,
    _sabotages_bindings,
    _sabotages_ecosystem,
    _sabotages_parallel,
)

if TYPE_CHECKING:
    from fwconformance.frameworks.tensorflow._adapter import TensorFlow


def _scaled(factor: float) -> Callable[[Any], Any]:
    """An operation whose result is scaled."""
    return lambda original: lambda *arguments, **named: factor * original(*arguments, **named)


def _first_argument(original: Any) -> Any:
    return lambda value, *_arguments, **_named: tf.identity(value)


def _counts_padding(original: Any) -> Any:
    return lambda value, *_arguments, seq_axis, **_named: tf.reverse(value, [seq_axis])


def _forget_bias(original: Any) -> Any:
    return lambda **named: original(**{**named, "forget_bias": 1.0})


def _squared(original: Any) -> Any:
    return lambda targets, outputs, **_: tf.math.squared_difference(targets, outputs)


def _gradients(factor: float) -> Callable[[Any], Any]:
    """An optimizer that scales its gradients."""

    def make(original: Any) -> Any:
        def apply_gradients(self: Any, pairs: Any, *arguments: Any, **named: Any) -> Any:
            return original(self, [(factor * gradient, variable) for gradient, variable in pairs], *arguments, **named)

        return apply_gradients

    return make


class _NothingRead:
    def assert_existing_objects_matched(self) -> _NothingRead:
        return self


def _reads_nothing(original: Any) -> Any:
    return lambda *_arguments, **_named: _NothingRead()


def _default_gradient(original: Any) -> Any:
    return lambda function: lambda *arguments: function(*arguments)[0]


def _wrong_program(original: Any) -> Any:
    def function(python: Any = None, **options: Any) -> Any:
        program = original(python, **options)

        def run(*arguments: Any, **named: Any) -> Any:
            return tf.nest.map_structure(lambda value: 1.5 * value, program(*arguments, **named))

        return run

    return function


def sabotages(framework: TensorFlow) -> Sequence[Sabotage]:
    """At least one for each capability area."""

    def plant(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
        return lambda: replaced(owner, name, make)

    def entry(
        name: str, kills: str, case: str, apply: Callable[[], ContextManager[None]], description: str
    ) -> Sabotage:
        return Sabotage(name=name, kills=kills, case=case, apply=apply, description=description)

    train, losses = tf.compat.v1.train, tf.compat.v1.losses
    return (
        entry("bias-left-out", "layers.dense", "forward", plant(tf.nn, "bias_add", _first_argument),
              "tf.nn.bias_add leaves the bias out."),
        entry("max-pool-scaled", "layers.pooling", "max", plant(tf.nn, "max_pool2d", _scaled(1.01)),
              "tf.nn.max_pool2d gives 1.01 times its outputs."),
        entry("absolute-error-squared", "losses.regression", "mae", plant(losses, "absolute_difference", _squared),
              "tf.compat.v1.losses.absolute_difference squares the errors."),
        entry("lstm-adds-forget-bias", "rnn.lstm", "forward", plant(tf.raw_ops, "BlockLSTM", _forget_bias),
              "tf.raw_ops.BlockLSTM adds 1 to the forget gate's bias."),
        entry("reversal-counts-padding", "rnn.variable-length", "matches-oracle",
              plant(tf, "reverse_sequence", _counts_padding),
              "tf.reverse_sequence reverses padding with the sequence."),
        entry("sgd-doubles-gradient", "train.sgd", "three-steps",
              plant(train.GradientDescentOptimizer, "apply_gradients", _gradients(2.0)),
              "tf.compat.v1.train.GradientDescentOptimizer takes twice the gradient."),
        entry("momentum-doubles-gradient", "device.tpu-training", "train-step",
              plant(train.MomentumOptimizer, "apply_gradients", _gradients(2.0)),
              "tf.compat.v1.train.MomentumOptimizer takes twice the gradient, in the program too."),
        entry("momentum-climbs", "device.gpu-training", "train-step",
              plant(train.MomentumOptimizer, "apply_gradients", _gradients(-1.0)),
              "tf.compat.v1.train.MomentumOptimizer climbs the gradient, in the program too."),
        entry("checkpoint-reads-nothing", "train.checkpoint", "weights-round-trip",
              plant(tf.train.Checkpoint, "read", _reads_nothing),
              "tf.train.Checkpoint.read restores nothing and says that it did."),
        entry("custom-gradient-ignored", "extend.custom-gradient", "wrong-on-purpose",
              plant(tf, "custom_gradient", _default_gradient),
              "tf.custom_gradient ignores the user's backward."),
        entry("tanh-half-curved", "extend.higher-order-gradients", "gradient-penalty",
              plant(tf, "tanh", half_curved(tf.stop_gradient)),
              "tf.tanh has half its second derivative, and its right value and slope."),
        entry("product-halved", "extend.custom-operator", "gradients", plant(tf, "matmul", _scaled(0.5)),
              "tf.matmul halves the product that the operator is given."),
        entry("ceil-floors", "operators.onnx-coverage", "onnx-operator-set",
              plant(tf.math, "ceil", lambda _: tf.math.floor), "tf.math.ceil gives what tf.math.floor does."),
        entry("function-changes-outputs", "modes.compiled", "forward-agrees", plant(tf, "function", _wrong_program),
              "tf.function makes programs that give 1.5 times the outputs."),
        entry("graph-changes-outputs", "modes.symbolic", "agrees", plant(tf, "tanh", _scaled(1.5)),
              "tf.tanh, in a graph, gives 1.5 times its values."),
        entry("adam-climbs", "tasks.tabular", "trains",
              plant(train.AdamOptimizer, "apply_gradients", _gradients(-1.0)),
              "tf.compat.v1.train.AdamOptimizer climbs the gradient."),
        entry("matmul-halved", "speed.smoke", "forward", plant(tf, "matmul", _scaled(0.5)),
              "tf.matmul halves its products."),
        entry("channels-not-reversed", "vision.preprocessing", "channels", plant(tf, "reverse", _first_argument),
              "tf.reverse gives its input as it is."),
        *_sabotages_parallel.sabotages(),
        *_export_sabotages.sabotages(),
        *_sabotages_bindings.sabotages(),
        *_litserve_faults.faults(_export_sabotages.sabotages(), "saved-model"),
        *costs_sabotages("tensorflow"),
        *bridge_faults(_export_sabotages.sabotages()),
        *_sabotages_ecosystem.ECOSYSTEM_SABOTAGES,
        *library_sabotages("tensorflow"),
        *weights_sabotages("tensorflow"),
        *usability_sabotages("tensorflow"),
    )  # fmt: skip
