"""LSTM (Gers, Schmidhuber and Cummins, 2000) and GRU (Cho and others, 2014), both directions, lengths that differ.

A step past a sequence's length leaves the state as it was and puts out zeros. The backward direction reads from the
last step to the first, so padding comes first there and the state is still zero when the sequence begins.
"""

from __future__ import annotations

from typing import Any, Tuple

import attrs
import numpy as np

from fwconformance.frameworks.reference._layer import Array, Call, Gradients, Layer
from fwconformance.frameworks.reference._layers_dense import sigmoid

State = Tuple[Array, ...]
"""First what is put out, (batch, units), then what else is carried."""


@attrs.frozen(kw_only=True, eq=False)
class Run:
    """One direction's way through a batch.

    Attributes:
        prefix: of its weights' roles, "" or "backward_".
        inputs: (batch, time, features). mask: (batch, time), which steps count, or None.
        sequence: outputs (batch, time, units). last: what stands for each whole sequence, (batch, units).
        caches: by step, what `step_backward` needs.
    """

    prefix: str
    inputs: Array
    mask: Array | None
    sequence: Array
    last: Array
    caches: dict[int, Any]


class Recurrent(Layer):
    """What LSTM and GRU share: the loop over time, directions and lengths.

    Subclasses give the step and its backward.
    """

    states = 1

    def forward(self, inputs: Array, call: Call) -> tuple[Array, Any]:
        mask = call.mask(inputs.shape[1])
        runs = [self._run(inputs, prefix, mask) for prefix in self.prefixes]
        if self.description.sequences:
            return np.concatenate([run.sequence for run in runs], axis=-1), runs
        return np.concatenate([run.last for run in runs], axis=-1), runs

    def backward(self, upstream: Array, cache: Any) -> tuple[Array, Gradients]:
        gradients: Gradients = {}
        parts = np.split(upstream, len(cache), axis=-1)
        inward = sum(self._run_backward(part, run, gradients) for part, run in zip(parts, cache))
        return inward, gradients

    @property
    def prefixes(self) -> tuple[str, ...]:
        return ("", "backward_") if self.description.bidirectional else ("",)

    def step(self, product: Array, state: State, prefix: str) -> tuple[State, Any]:
        """(next state, what `step_backward` needs) from the input's `product` with the kernel, biases added."""
        raise NotImplementedError

    def step_backward(self, upstream: State, cache: Any, prefix: str, gradients: Gradients) -> tuple[Array, State]:
        """(gradient by the product, by the state before); what belongs to weights is added to `gradients`."""
        raise NotImplementedError

    def carried(self, counted: Array | None, after: State, before: State) -> State:
        """The state after a step: unchanged where the step does not count."""
        if counted is None:
            return after
        return tuple(np.where(counted, new, old) for new, old in zip(after, before))

    def order(self, steps: int, prefix: str) -> list[int]:
        """The order in which a direction reads its steps."""
        return list(range(steps))[:: -1 if prefix else 1]

    def last(self, state: State, sequence: Array) -> Array:
        """What stands for a whole sequence: the output after its last step that counts."""
        return state[0]

    def _run(self, inputs: Array, prefix: str, mask: Array | None) -> Run:
        units, (batch, time) = self.description.units, inputs.shape[:2]
        products = inputs @ self.weights[prefix + "kernel"] + self.weights[prefix + "bias"]
        state: State = tuple(np.zeros((batch, units)) for _ in range(self.states))
        sequence = np.zeros((batch, time, units))
        caches = {}
        for step in self.order(time, prefix):
            after, caches[step] = self.step(products[:, step], state, prefix)
            counted = None if mask is None else mask[:, step, None]
            state = self.carried(counted, after, state)
            sequence[:, step] = state[0] if counted is None else np.where(counted, state[0], 0.0)
        last = self.last(state, sequence)
        return Run(prefix=prefix, inputs=inputs, mask=mask, sequence=sequence, last=last, caches=caches)

    def _run_backward(self, upstream: Array, run: Run, gradients: Gradients) -> Array:
        prefix, (batch, time) = run.prefix, run.inputs.shape[:2]
        for role in self.weights:
            if role.startswith("backward_") == bool(prefix):
                gradients[role] = np.zeros_like(self.weights[role])
        carry: State = tuple(np.zeros((batch, self.description.units)) for _ in range(self.states))
        if not self.description.sequences:
            carry = (upstream, *carry[1:])
        products = np.zeros((batch, time, self.weights[prefix + "bias"].shape[0]))
        for step in reversed(self.order(time, prefix)):
            counted = 1.0 if run.mask is None else run.mask[:, step, None] * 1.0
            if self.description.sequences:
                carry = (carry[0] + counted * upstream[:, step], *carry[1:])
            through = tuple(counted * part for part in carry)
            products[:, step], before = self.step_backward(through, run.caches[step], prefix, gradients)
            carry = tuple(new + (1.0 - counted) * old for new, old in zip(before, carry))
        rows = products.reshape(batch * time, -1)
        gradients[prefix + "kernel"] += run.inputs.reshape(batch * time, -1).T @ rows
        gradients[prefix + "bias"] += rows.sum(axis=0)
        return products @ self.weights[prefix + "kernel"].T


class LSTM(Recurrent):
    """``c = f * c + i * tanh(g)``, ``h = o * tanh(c)``; gates input, forget, cell, output; no peepholes."""

    states = 2

    def step(self, product: Array, state: State, prefix: str) -> tuple[State, Any]:
        hidden, cell = state
        i, f, g, o = self.gates(product + hidden @ self.weights[prefix + "recurrent"])
        after = f * cell + i * g
        squashed = np.tanh(after)
        return (o * squashed, after), (hidden, cell, i, f, g, o, squashed)

    def gates(self, sums: Array) -> tuple[Array, Array, Array, Array]:
        """(input, forget, candidate, output): gates through sigmoid, the candidate through tanh."""
        i, f, g, o = np.split(sums, 4, axis=-1)
        return sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)

    def step_backward(self, upstream: State, cache: Any, prefix: str, gradients: Gradients) -> tuple[Array, State]:
        hidden, cell, i, f, g, o, squashed = cache
        to_hidden, to_cell = upstream
        to_cell = to_cell + to_hidden * o * (1.0 - squashed**2)
        sums = np.concatenate(
            [
                to_cell * g * i * (1.0 - i),
                to_cell * cell * f * (1.0 - f),
                to_cell * i * (1.0 - g**2),
                to_hidden * squashed * o * (1.0 - o),
            ],
            axis=-1,
        )
        gradients[prefix + "recurrent"] += hidden.T @ sums
        return sums, (sums @ self.weights[prefix + "recurrent"].T, to_cell * f)


class GRU(Recurrent):
    """``h = z * h + (1 - z) * n``; gates reset, update, new.

    `reset` says whether r acts before or after the recurrent product.
    """

    def step(self, product: Array, state: State, prefix: str) -> tuple[State, Any]:
        (hidden,) = state
        recurrent, units = self.weights[prefix + "recurrent"], self.description.units
        if self.description.reset == "after":
            inner = hidden @ recurrent + self.weights[prefix + "recurrent_bias"]
            r, z = np.split(sigmoid(product[:, : 2 * units] + inner[:, : 2 * units]), 2, axis=-1)
            inner = inner[:, 2 * units :]
            n = np.tanh(product[:, 2 * units :] + r * inner)
        else:
            r, z = np.split(sigmoid(product[:, : 2 * units] + hidden @ recurrent[:, : 2 * units]), 2, axis=-1)
            inner = r * hidden
            n = np.tanh(product[:, 2 * units :] + inner @ recurrent[:, 2 * units :])
        return (self.mixed(z, hidden, n),), (hidden, r, z, n, inner)

    def mixed(self, update: Array, hidden: Array, new: Array) -> Array:
        """The next state of the update gate, the old state and the candidate."""
        return update * hidden + (1.0 - update) * new

    def step_backward(self, upstream: State, cache: Any, prefix: str, gradients: Gradients) -> tuple[Array, State]:
        hidden, r, z, n, inner = cache
        (to_hidden,) = upstream
        recurrent, units = self.weights[prefix + "recurrent"], self.description.units
        to_new = to_hidden * (1.0 - z) * (1.0 - n**2)
        to_update = to_hidden * (hidden - n) * z * (1.0 - z)
        if self.description.reset == "after":
            to_reset = to_new * inner * r * (1.0 - r)
            sums = np.concatenate([to_reset, to_update, to_new * r], axis=-1)
            gradients[prefix + "recurrent"] += hidden.T @ sums
            gradients[prefix + "recurrent_bias"] += sums.sum(axis=0)
            before = to_hidden * z + sums @ recurrent.T
        else:
            to_inner = to_new @ recurrent[:, 2 * units :].T
            gates = np.concatenate([to_inner * hidden * r * (1.0 - r), to_update], axis=-1)
            gradients[prefix + "recurrent"][:, : 2 * units] += hidden.T @ gates
            gradients[prefix + "recurrent"][:, 2 * units :] += inner.T @ to_new
            before = to_hidden * z + to_inner * r + gates @ recurrent[:, : 2 * units].T
            sums = gates
        return np.concatenate([sums[:, : 2 * units], to_new], axis=-1), (before,)
