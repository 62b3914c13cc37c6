"""rnn.variable-length: the oracle never sees padding; it runs each sequence alone, cut to its length."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import LSTM, Dense, Loss, Network
from fwconformance.suitekit import compare_gradients, given, spread, st, weights_for

STEPS = 6
FEATURES = 3
MSE = Loss(kind="mse")
# Not sorted, with the shortest and the longest possible among them.
LENGTHS = np.array([4, 6, 1, 3], dtype=np.int64)

EVERY_STEP = Network(layers=(LSTM(units=4),), input_shape=(None, FEATURES))
LAST_STATE = Network(layers=(LSTM(units=4, sequences=False),), input_shape=(None, FEATURES))
STACKED = Network(
    layers=(LSTM(units=4), LSTM(units=3, sequences=False), Dense(units=2)),
    input_shape=(None, FEATURES),
)
BIDIRECTIONAL = Network(
    layers=(LSTM(units=4, sequences=False, bidirectional=True), Dense(units=2)),
    input_shape=(None, FEATURES),
)


def padded(inputs, lengths, value):
    """`inputs` with everything past each length set to `value`."""
    filled = inputs.copy()
    for row, length in enumerate(lengths):
        filled[row, length:] = value
    return filled


def valid(lengths, steps):
    """True where a step counts: (batch, steps)."""
    return np.arange(steps) < np.asarray(lengths)[:, None]


def alone_forward(oracle, network, weights, inputs, lengths):
    """The oracle's outputs, one sequence at a time, without its padding."""
    model = oracle.build(network, weights)
    return [model.forward(inputs[row : row + 1, :length])[0] for row, length in enumerate(lengths)]


def alone_gradients(oracle, network, weights, inputs, targets, lengths):
    """The oracle's mean loss and gradients, from one sequence at a time; zero by what is padding."""
    model, batch = oracle.build(network, weights), len(lengths)
    total, by_weight, by_inputs = 0.0, {}, np.zeros(inputs.shape)
    for row, length in enumerate(lengths):
        loss, gradients, inward = model.gradients(MSE, inputs[row : row + 1, :length], targets[row : row + 1])
        total = total + loss / batch
        by_inputs[row, :length] = inward[0] / batch
        for name, gradient in gradients.items():
            by_weight[name] = by_weight.get(name, 0.0) + gradient / batch
    return total, by_weight, by_inputs


@pytest.mark.capability("rnn.variable-length", "matches-oracle")
def test_matches_oracle(framework, oracle, case):
    """Valid steps, last states (stacked and bidirectional too) and gradients are those of each sequence alone."""
    weights, inputs = weights_for(EVERY_STEP, case.rng), padded(spread(case.rng, 4, STEPS, FEATURES), LENGTHS, 0.7)
    outputs = framework.build(EVERY_STEP, weights).forward(inputs, lengths=LENGTHS)
    assert outputs.shape[:1] == (4,), f"outputs {outputs.shape} are not for a batch of 4"
    for row, (length, expected) in enumerate(zip(LENGTHS, alone_forward(oracle, EVERY_STEP, weights, inputs, LENGTHS))):
        case.assert_close(outputs[row, :length], expected, what=f"valid steps of sequence {row} (length {length})")
    for network, what in ((LAST_STATE, "last states"), (STACKED, "stacked"), (BIDIRECTIONAL, "bidirectional")):
        weights = weights_for(network, case.rng)
        outputs = framework.build(network, weights).forward(inputs, lengths=LENGTHS)
        expected = np.stack(alone_forward(oracle, network, weights, inputs, LENGTHS))
        case.assert_close(outputs, expected, what=what)
    for network, what in ((STACKED, "stacked"), (BIDIRECTIONAL, "bidirectional")):
        weights, targets = weights_for(network, case.rng), spread(case.rng, 4, 2)
        actual = framework.build(network, weights).gradients(MSE, inputs, targets, lengths=LENGTHS)
        expected = alone_gradients(oracle, network, weights, inputs, targets, LENGTHS)
        compare_gradients(case, network, actual, expected, what=what)


@pytest.mark.capability("rnn.variable-length", "padding-ignored")
def test_padding_ignored(framework, oracle, case):
    """Other padding, huge values among it, changes no bit of a valid output, a last state or a gradient."""
    inputs, targets = spread(case.rng, 4, STEPS, FEATURES), spread(case.rng, 4, 2)
    every, last = framework.build(EVERY_STEP, weights_for(EVERY_STEP, case.rng)), {}
    for network in (STACKED, BIDIRECTIONAL):
        last[network] = framework.build(network, weights_for(network, case.rng))
    counts = valid(LENGTHS, STEPS)
    expected = np.stack(alone_forward(oracle, STACKED, last[STACKED].weights(), inputs, LENGTHS))
    first = {}
    for value in (0.0, 1e30):
        filled = padded(inputs, LENGTHS, value)
        seen = {"valid steps": every.forward(filled, lengths=LENGTHS)[counts]}
        for network, name in ((STACKED, "stacked"), (BIDIRECTIONAL, "bidirectional")):
            loss, by_weight, by_inputs = last[network].gradients(MSE, filled, targets, lengths=LENGTHS)
            seen[f"{name}: last states"] = last[network].forward(filled, lengths=LENGTHS)
            seen[f"{name}: loss"] = loss
            seen[f"{name}: gradient by valid inputs"] = by_inputs[counts]
            seen.update({f"{name}: gradient by {key}": gradient for key, gradient in by_weight.items()})
        case.assert_close(seen["stacked: last states"], expected, what=f"last states with padding {value:g}")
        first = first or seen
        for what, values in seen.items():
            case.assert_close(values, first[what], what=f"{what} with padding {value:g}")
            assert (values == first[what]).all(), f"{what} changed by padding {value:g} instead of 0"


@pytest.mark.capability("rnn.variable-length", "gradients-ignore-padding")
def test_gradients_ignore_padding(framework, oracle, case):
    """No gradient reaches padding, not even a small one; all of it reaches the valid steps."""
    inputs, targets = padded(spread(case.rng, 4, STEPS, FEATURES), LENGTHS, 0.7), spread(case.rng, 4, 2)
    counts = valid(LENGTHS, STEPS)
    for network, what in ((STACKED, "stacked"), (BIDIRECTIONAL, "bidirectional")):
        weights = weights_for(network, case.rng)
        _, _, by_inputs = framework.build(network, weights).gradients(MSE, inputs, targets, lengths=LENGTHS)
        _, _, expected = alone_gradients(oracle, network, weights, inputs, targets, LENGTHS)
        case.assert_close(by_inputs[counts], expected[counts], what=f"{what}: gradient by valid inputs")
        largest = float(np.abs(by_inputs[~counts]).max())
        assert largest == 0, f"{what}: a gradient of {largest:.2g} reaches padding"


@pytest.mark.capability("rnn.variable-length", "lengths")
@given(lengths=st.lists(st.integers(1, STEPS), min_size=3, max_size=3))
def test_lengths(framework, oracle, case, lengths):
    """Any lengths in any order: also where no sequence fills the batch's steps, or all do."""
    rng = np.random.default_rng(lengths)
    lengths = np.array(lengths, dtype=np.int64)
    weights, inputs = weights_for(LAST_STATE, rng), spread(rng, 3, STEPS, FEATURES)
    outputs = framework.build(LAST_STATE, weights).forward(inputs, lengths=lengths)
    expected = np.stack(alone_forward(oracle, LAST_STATE, weights, inputs, lengths))
    case.assert_close(outputs, expected, what="last states")
