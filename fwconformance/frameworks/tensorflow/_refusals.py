# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""What TensorFlow lacks, or has only through Keras, each with the probe that shows it."""

from __future__ import annotations

import math
from typing import Any

import attrs
import tensorflow as tf

from fwconformance.frameworks._conventions import Convention
from fwconformance.frameworks._probes import Lookup, Probe, Refusal

#: Note of a refusal whose thing exists in Keras.
THROUGH_KERAS = "through Keras"

_GRU_CELL = frozenset({"x", "h_prev", "w_ru", "w_c", "b_ru", "b_c", "name"})
_ADAM = frozenset(
    {"learning_rate", "beta1", "beta2", "epsilon", "use_locking", "name", "use_own_namescope_for_non_slot_vars"}
)


@attrs.frozen
class Every:
    """Absent where every one of `probes` finds its thing absent: the thing may come by several ways."""

    probes: tuple[Probe, ...]

    def run(self) -> tuple[bool, str]:
        answers = [probe.run() for probe in self.probes]
        present = [evidence for absent, evidence in answers if not absent]
        return not present, "; ".join(present or [evidence for _, evidence in answers])


def attention(module: Any = None) -> Probe:
    """Attention as an operation of tf.nn or a raw operation."""
    names = ("multi_head_attention", "scaled_dot_product_attention", "dot_product_attention", "attention")
    raw = ("MultiHeadAttention", "ScaledDotProductAttention", "DotProductAttention", "FusedAttention")
    if module is not None:
        return Lookup(root=module, label="tf.nn", names=names)
    return Every(
        (Lookup(root=tf.nn, label="tf.nn", names=names), Lookup(root=tf.raw_ops, label="tf.raw_ops", names=raw))
    )


def explicit_average_padding(pool: Any = None) -> Refusal:
    """Average pooling by a padding of one's own, its cells not counted: only "VALID" and "SAME" are known."""
    ask = pool or tf.nn.avg_pool2d
    return Refusal(
        call=lambda: ask(tf.ones((1, 4, 4, 1)), 2, 2, [[0, 0], [1, 1], [1, 1], [0, 0]]),
        label="tf.nn.avg_pool2d(padding=[[0, 0], [1, 1], [1, 1], [0, 0]])",
        error=(TypeError, ValueError),
        saying="padding",
    )


def grouped_transpose(operation: Any = None) -> Refusal:
    """A transposed convolution in groups: the filter says how many input channels there are, and there is no other word
    for it. The same call in one group runs first.
    """
    ask = operation or tf.nn.conv2d_transpose
    image = tf.ones((1, 3, 3, 4))
    ask(image, tf.ones((2, 2, 2, 4)), [1, 4, 4, 2], 1, "VALID")
    return Refusal(
        call=lambda: ask(image, tf.ones((2, 2, 1, 2)), [1, 4, 4, 2], 1, "VALID"),
        label="tf.nn.conv2d_transpose of 4 channels by a filter of 2 (two groups)",
        # "filter and out_backprop must have the same out_depth"; Aborted where the processor has TensorFlow take
        # oneDNN's kernel: "could not create a primitive descriptor".
        error=(ValueError, tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, tf.errors.AbortedError),
    )


def gru_cell(x: Any, state: Any, weights: tuple[Any, Any], biases: tuple[Any, Any]) -> Any:
    """The next state by TensorFlow's only GRU outside Keras that runs on a CPU."""
    gates, new = weights
    cell = tf.raw_ops.GRUBlockCell(x=x, h_prev=state, w_ru=gates, w_c=new, b_ru=biases[0], b_c=biases[1])
    return cell.h


def reset_after(cell: Any = None) -> Probe:
    """One step from a state of ones, update gates half open, reset gates 1 and 0, recurrent weights 1 and -1 into the
    new state: resetting
    before the product gives tanh(1), after it tanh of the shut gate's 0 or of 1 - 1 = 0.
    """
    ask = cell or tf.raw_ops.GRUBlockCell

    def measure() -> float:
        found = ask(
            x=tf.zeros((1, 1)),
            h_prev=tf.ones((1, 2)),
            w_ru=tf.zeros((3, 4)),
            w_c=tf.constant([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0]]),
            b_ru=tf.constant([100.0, -100.0, 0.0, 0.0]),
            b_c=tf.zeros(2),
        )
        return float(found.h[0, 0])  # 0.5 * state + 0.5 * n

    convention = Convention(
        label="tf.raw_ops.GRUBlockCell",
        measure=measure,
        gives={"reset after": 0.5, "reset before": 0.5 + 0.5 * math.tanh(1.0)},
        asked="reset after",
        takes=ask,
        known=_GRU_CELL,
    )
    return convention if cell is not None else Every((convention, cudnn_gru()))


def cudnn_gru(call: Any = None) -> Refusal:
    """The other GRU outside Keras, a raw operation of cuDNN: it has no kernel for a CPU."""

    def ask() -> Any:
        return tf.raw_ops.CudnnRNNV3(
            input=tf.zeros((1, 1, 1)),
            input_h=tf.zeros((1, 1, 1)),
            input_c=tf.zeros((1, 1, 1)),
            params=tf.zeros(12),
            sequence_lengths=tf.ones(1, tf.int32),
            rnn_mode="gru",
        )

    return Refusal(
        call=call or ask,
        label="tf.raw_ops.CudnnRNNV3(rnn_mode='gru')",
        error=(tf.errors.NotFoundError, tf.errors.InvalidArgumentError, tf.errors.UnimplementedError),
        saying="CudnnRNNV3",
    )


def gru_gradient(cell: Any = None) -> Probe:
    """The gradient of GRUBlockCell under a tape: the operation has none registered."""
    ask = cell or gru_cell

    def differentiate() -> Any:
        x = tf.zeros((1, 1))
        with tf.GradientTape() as tape:
            tape.watch(x)
            state = ask(x, tf.zeros((1, 1)), (tf.zeros((2, 2)), tf.zeros((2, 1))), (tf.zeros(2), tf.zeros(1)))
        return tape.gradient(state, x)

    refusal = Refusal(
        call=differentiate,
        label="gradient of tf.raw_ops.GRUBlockCell",
        error=LookupError,
        saying="gradient registry",
    )
    return refusal if cell is not None else Every((refusal, cudnn_gru()))


def epsilon_placement(asked: str, kind: Any = None) -> Convention:
    """One step with gradient 1, rate 1 and epsilon 1: 0.5 if epsilon joins the corrected root, else sqrt(c2) /
    (sqrt(c2) + 1).
    """
    make, root = kind or tf.compat.v1.train.AdamOptimizer, math.sqrt(0.001)

    def measure() -> float:
        weight = tf.Variable(0.0)
        make(learning_rate=1.0, epsilon=1.0).apply_gradients([(tf.constant(1.0), weight)])
        return -float(weight)

    return Convention(
        label="tf.compat.v1.train.AdamOptimizer",
        measure=measure,
        gives={"corrected": 0.5, "uncorrected": root / (root + 1.0)},
        asked=asked,
        takes=make.__init__,
        known=_ADAM,
    )


def measured_placement() -> str:
    """Where TensorFlow's Adam adds epsilon, by running it."""
    convention = epsilon_placement("corrected")
    seen = convention.measure()
    return min(convention.gives, key=lambda name: abs(convention.gives[name] - seen))
