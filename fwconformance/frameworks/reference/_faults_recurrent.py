"""Faults of recurrent layers: gates, directions, lengths."""

from __future__ import annotations

from typing import Any

import attrs
import numpy as np

from fwconformance.frameworks import _network as net
from fwconformance.frameworks.reference._layer import Array, Call, Gradients
from fwconformance.frameworks.reference._mutant import fault, layer, mixed_into
from fwconformance.frameworks.reference._recurrent import GRU, LSTM, Recurrent, Run, State


@fault("rnn.lstm", "forward gradients last-state shapes", layer(net.LSTM))
class LstmIgnoresForgetGate(LSTM):
    """The forget gate is always open."""

    def gates(self, sums: Array) -> tuple[Array, Array, Array, Array]:
        i, f, g, o = super().gates(sums)
        return i, np.ones_like(f), g, o


@fault("rnn.lstm", "forward gradients last-state shapes", layer(net.LSTM))
class LstmGatesInAnotherOrder(LSTM):
    """Candidate and output gate trade places."""

    def gates(self, sums: Array) -> tuple[Array, Array, Array, Array]:
        i, f, g, o = np.split(sums, 4, axis=-1)
        return super().gates(np.concatenate([i, f, o, g], axis=-1))


@fault("rnn.lstm", "last-state", layer(net.LSTM))
class LstmLastStateIsFirst(LSTM):
    """The state after the first step stands for the sequence."""

    def last(self, state: State, sequence: Array) -> Array:
        return sequence[:, 0]


@fault("rnn.lstm", "gradients last-state", layer(net.LSTM))
class LstmGradientStopsAtCell(LSTM):
    """No gradient reaches earlier steps through the cell."""

    def step_backward(self, upstream: State, cache: Any, prefix: str, gradients: Gradients) -> tuple[Array, State]:
        sums, (to_hidden, to_cell) = super().step_backward(upstream, cache, prefix, gradients)
        return sums, (to_hidden, np.zeros_like(to_cell))


@fault("rnn.gru", "forward gradients reset-after reset-before", layer(net.GRU))
class GruUpdateGateInverted(GRU):
    """The update gate keeps what it should replace, and replaces what it should keep."""

    def mixed(self, update: Array, hidden: Array, new: Array) -> Array:
        return super().mixed(1.0 - update, hidden, new)


@fault("rnn.gru", "forward gradients reset-after", layer(net.GRU))
class GruBiasOutsideReset(GRU):
    """The candidate's recurrent bias is added outside the reset gate."""

    def step(self, product: Array, state: State, prefix: str) -> tuple[State, Any]:
        role, start = prefix + "recurrent_bias", 2 * self.description.units
        if role not in self.weights:
            return super().step(product, state, prefix)
        inside, outside = self.weights[role].copy(), self.weights[role].copy()
        inside[start:], outside[:start] = 0.0, 0.0
        sound = GRU(self.description, {**self.weights, role: inside})
        return sound.step(product + outside, state, prefix)


@fault("rnn.gru", "reset-before", layer(net.GRU))
class GruNeverResets(GRU):
    """In the paper's convention the reset gate is always open."""

    def step(self, product: Array, state: State, prefix: str) -> tuple[State, Any]:
        if self.description.reset == "after":
            return super().step(product, state, prefix)
        opened = product.copy()
        opened[:, : self.description.units] = 1e3
        return super().step(opened, state, prefix)


@fault("rnn.bidirectional", "lstm gradients gru", mixed_into(net.LSTM, net.GRU))
class BackwardReadsForward(Recurrent):
    """The backward direction reads from the first step to the last."""

    def order(self, steps: int, prefix: str) -> list[int]:
        return list(range(steps))


@fault("rnn.bidirectional", "lstm gradients", mixed_into(net.LSTM, net.GRU))
class BackwardLastStateAtTheEnd(Recurrent):
    """The backward direction's last state is taken at the last step, where it has read one step only."""

    def _run(self, inputs: Array, prefix: str, mask: Array | None) -> Run:
        run = super()._run(inputs, prefix, mask)
        return attrs.evolve(run, last=run.sequence[:, -1]) if prefix else run


@fault("rnn.variable-length", "matches-oracle padding-ignored lengths", mixed_into(net.LSTM, net.GRU))
class PaddingMovesTheState(Recurrent):
    """Padded steps move the state like others."""

    def carried(self, counted: Array | None, after: State, before: State) -> State:
        return after


@fault("rnn.variable-length", "gradients-ignore-padding", mixed_into(net.LSTM, net.GRU))
class PaddingGetsGradients(Recurrent):
    """The backward pass does not know the lengths."""

    def _run_backward(self, upstream: Array, run: Run, gradients: Gradients) -> Array:
        return super()._run_backward(upstream, attrs.evolve(run, mask=None), gradients)


@fault(
    "rnn.variable-length",
    "matches-oracle padding-ignored gradients-ignore-padding lengths",
    mixed_into(net.LSTM, net.GRU),
)
class LongestLengthForAll(Recurrent):
    """Every sequence is taken to be as long as the longest of the batch."""

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        if call.lengths is not None:
            call = attrs.evolve(call, lengths=np.full(len(call.lengths), np.max(call.lengths)))
        return super().forward(inputs, call)
