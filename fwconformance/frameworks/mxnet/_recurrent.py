# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""LSTM and GRU: Gluon's fused layers, and for ragged sequences its cells, unrolled over the same parameters."""

from __future__ import annotations

from typing import Any, Mapping

from mxnet import gluon, nd
from mxnet.gluon import rnn

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks.mxnet._part import Part, Pick, Shape


class RecurrentPart(Part):
    """gluon.rnn.LSTM or GRU, batch first.

    The fused operator does not heed `use_sequence_length` on the CPU, so ragged sequences go through its cells,
    unrolled with `valid_length`: Gluon's older and portable way.
    """

    def __init__(self, layer: Any, shapes: Mapping[str, Shape]) -> None:
        super().__init__()
        self._gated = isinstance(layer, neutral.GRU)
        self._units = layer.units
        self._sequences = layer.sequences
        self._features = shapes["kernel"][0]
        self._directions = [("", "l0_")] + ([("backward_", "r0_")] if layer.bidirectional else [])
        kind = rnn.GRU if self._gated else rnn.LSTM
        with self.name_scope():
            self.inner = kind(layer.units, layout="NTC", bidirectional=layer.bidirectional, input_size=self._features)
        if not self._gated:
            # A neutral LSTM trains one bias. Two would move it twice a step, so the recurrent one stays as it is.
            for _, side in self._directions:
                getattr(self.inner, f"{side}h2h_bias").grad_req = "null"
        #: How many steps inputs have, for a graph that is traced without shapes; set before tracing with lengths.
        self.steps = 0

    def hybrid_forward(self, ops: Any, x: Any, lengths: Any = None) -> Any:
        if lengths is not None:
            return self._ragged(ops, x, lengths)
        outputs = self.inner(x)
        if self._sequences:
            return outputs
        last = ops.slice_axis(ops.slice_axis(outputs, axis=1, begin=-1, end=None), axis=2, begin=0, end=self._units)
        if len(self._directions) == 1:
            return ops.squeeze(last, axis=1)
        first = ops.slice_axis(ops.slice_axis(outputs, axis=1, begin=0, end=1), axis=2, begin=self._units, end=None)
        return ops.squeeze(ops.concat(last, first, dim=2), axis=1)

    def _ragged(self, ops: Any, x: Any, lengths: Any) -> Any:
        steps = x.shape[1] if isinstance(x, nd.NDArray) else self.steps
        cells = [self._cell(side) for _, side in self._directions]
        cell = cells[0] if len(cells) == 1 else rnn.BidirectionalCell(*cells)
        outputs, states = cell.unroll(
            steps, x, layout="NTC", merge_outputs=True, valid_length=ops.cast(lengths, "float32")
        )
        if self._sequences:
            return outputs
        hidden = states[:: len(states) // len(cells)]
        return hidden[0] if len(hidden) == 1 else ops.concat(*hidden, dim=1)

    def _cell(self, side: str) -> Any:
        """A cell over this layer's own parameters of one direction."""
        shared = gluon.ParameterDict(self.inner.prefix + side)
        shared.update(self.inner.collect_params())
        kind = rnn.GRUCell if self._gated else rnn.LSTMCell
        return kind(self._units, input_size=self._features, prefix=self.inner.prefix + side, params=shared)

    def read(self, pick: Pick) -> dict[str, Any]:
        found = {}
        for prefix, side in self._directions:
            found[f"{prefix}kernel"] = pick(getattr(self.inner, f"{side}i2h_weight")).T
            found[f"{prefix}recurrent"] = pick(getattr(self.inner, f"{side}h2h_weight")).T
            bias = pick(getattr(self.inner, f"{side}i2h_bias"))
            recurrent = pick(getattr(self.inner, f"{side}h2h_bias"))
            if self._gated:
                found[f"{prefix}bias"], found[f"{prefix}recurrent_bias"] = bias, recurrent
            else:
                found[f"{prefix}bias"] = bias + recurrent
        return found

    def write(self, values: Mapping[str, Any]) -> None:
        for prefix, side in self._directions:
            getattr(self.inner, f"{side}i2h_weight").set_data(values[f"{prefix}kernel"].T)
            getattr(self.inner, f"{side}h2h_weight").set_data(values[f"{prefix}recurrent"].T)
            bias = values[f"{prefix}bias"]
            getattr(self.inner, f"{side}i2h_bias").set_data(bias)
            recurrent = values[f"{prefix}recurrent_bias"] if self._gated else bias.zeros_like()
            getattr(self.inner, f"{side}h2h_bias").set_data(recurrent)
