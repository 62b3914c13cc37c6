# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""LSTM and GRU by TensorFlow's raw operations. Sequences of several lengths by tf.reverse_sequence and tf.gather."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from fwconformance.frameworks._network import GRU
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks.tensorflow import _refusals
from fwconformance.frameworks.tensorflow._layers import Layer


class RecurrentLayer(Layer):
    """One or both directions over (batch, time, features).

    Padding lies behind each sequence: a direction that reads forward never sees it before its last real step, and the
    one that
    reads backward is given each sequence reversed within its own length.
    """

    def __call__(self, x: Any, training: bool, lengths: Any) -> Any:
        forward = self._direction(x, "", lengths)
        if not self.spec.bidirectional:
            return forward if self.spec.sequences else _last(forward, lengths)
        backward = self._direction(_reversed(x, lengths), "backward_", lengths)
        if self.spec.sequences:
            return tf.concat([forward, _reversed(backward, lengths)], axis=-1)
        return tf.concat([_last(forward, lengths), _last(backward, lengths)], axis=-1)

    def _direction(self, x: Any, prefix: str, lengths: Any) -> Any:
        raise NotImplementedError


class LSTMLayer(RecurrentLayer):
    """tf.raw_ops.BlockLSTM without its added forget bias: gates in the order input, cell, forget, output.

    Not BlockLSTMV2, whose order is the neutral one: TensorFlow registers the gradient of the first version for it,
    which takes its
    cell and forget gates for each other (seen in TensorFlow 2.21).
    """

    def _direction(self, x: Any, prefix: str, lengths: Any) -> Any:
        steps = tf.transpose(x, (1, 0, 2))
        units = self.spec.units
        state, no_peephole = tf.zeros((_size(x, 0), units)), tf.zeros(units)
        weights = tf.concat([self.roles[f"{prefix}kernel"], self.roles[f"{prefix}recurrent"]], axis=0)
        found = tf.raw_ops.BlockLSTM(
            seq_len_max=_size(x, 1, tf.int64),
            x=steps,
            cs_prev=state,
            h_prev=state,
            w=_cell_second(weights),
            wci=no_peephole,
            wcf=no_peephole,
            wco=no_peephole,
            b=_cell_second(self.roles[f"{prefix}bias"]),
            forget_bias=0.0,
            cell_clip=-1.0,
            use_peephole=False,
        )
        return tf.transpose(found.h, (1, 0, 2))


def _size(x: Any, axis: int, kind: Any = tf.int32) -> Any:
    """Of `x` along `axis`, a scalar of `kind`; asked for only where it is not known, since asking takes its time."""
    known = x.shape[axis]
    return tf.shape(x, kind)[axis] if known is None else tf.constant(known, kind)


def _cell_second(value: Any) -> Any:
    """Neutral gates (input, forget, cell, output) in BlockLSTM's order (input, cell, forget, output)."""
    enter, forget, cell, leave = tf.split(value, 4, axis=-1)
    return tf.concat([enter, cell, forget, leave], axis=-1)


class GRULayer(RecurrentLayer):
    """tf.raw_ops.GRUBlockCell, step by step; it resets before the recurrent product, and has no gradient."""

    def __init__(self, spec: GRU, *rest: Any) -> None:
        if spec.reset != "before":
            refuse(_refusals.reset_after(), note=_refusals.THROUGH_KERAS)
        super().__init__(spec, *rest)

    def _direction(self, x: Any, prefix: str, lengths: Any) -> Any:
        units = self.spec.units
        weights = tf.concat([self.roles[f"{prefix}kernel"], self.roles[f"{prefix}recurrent"]], axis=0)
        bias = self.roles[f"{prefix}bias"]
        apart = (weights[:, : 2 * units], weights[:, 2 * units :]), (bias[: 2 * units], bias[2 * units :])
        state, outputs = tf.zeros((tf.shape(x)[0], units)), []
        for step in tf.unstack(x, axis=1):
            state = _refusals.gru_cell(step, state, *apart)
            outputs.append(state)
        return tf.stack(outputs, axis=1)


def _reversed(x: Any, lengths: Any) -> Any:
    return tf.reverse(x, [1]) if lengths is None else tf.reverse_sequence(x, lengths, seq_axis=1, batch_axis=0)


def _last(outputs: Any, lengths: Any) -> Any:
    return outputs[:, -1] if lengths is None else tf.gather(outputs, lengths - 1, axis=1, batch_dims=1)
