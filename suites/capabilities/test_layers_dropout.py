"""layers.dropout: frequencies of its random mask are judged by five standard deviations: one in a million by chance."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Dropout, Loss, Network
from fwconformance.suitekit import scalar, spread

WIDTH = 60
ROWS = 80
COUNT = ROWS * WIDTH
# Neither is one half: keeping with the rate's probability would be seen.
RATES = (0.2, 0.7)


def network_of(rate):
    return Network(layers=(Dropout(rate=rate),), input_shape=(WIDTH,))


def assert_frequency(zeros, rate):
    """Assert that `zeros` of COUNT independent values is what `rate` gives, within five standard deviations."""
    allowed = 5 * np.sqrt(COUNT * rate * (1 - rate))
    assert abs(zeros - COUNT * rate) <= allowed, (
        f"{zeros} of {COUNT} are zero; rate {rate} gives {COUNT * rate:.0f} +- {allowed:.0f}"
    )


@pytest.mark.capability("layers.dropout", "inference")
def test_inference(framework, oracle, case):
    """At inference nothing happens."""
    inputs = spread(case.rng, ROWS, WIDTH)
    model = framework.build(network_of(0.7))
    case.assert_close(model.forward(inputs), oracle.build(network_of(0.7)).forward(inputs), what="outputs")
    case.assert_close(model.forward(inputs), inputs.astype(np.float64), what="outputs against inputs")


@pytest.mark.capability("layers.dropout", "rate")
def test_rate(framework, case):
    """The share of zeros is the rate; each pass draws a mask of its own."""
    framework.seed(11)
    inputs = spread(case.rng, ROWS, WIDTH)
    for rate in RATES:
        model = framework.build(network_of(rate))
        case.assert_close(model.forward(inputs), inputs.astype(np.float64), what="outputs at inference")
        first, second = (model.forward(inputs, training=True) == 0 for _ in range(2))
        assert_frequency(int(first.sum()), rate)
        assert_frequency(int(second.sum()), rate)
        assert (first != second).any(), "two passes in training drew the same mask"
        by_column = first.mean(axis=0)
        assert by_column.min() < rate < by_column.max(), (
            "whole columns share their fate: values are not dropped one by one"
        )
        assert by_column.min() > 0 or rate < 0.5, "some column was kept in every row"


@pytest.mark.capability("layers.dropout", "expectation")
def test_expectation(framework, case):
    """What is kept is divided by 1 - rate, so that the mean stays."""
    framework.seed(12)
    inputs = spread(case.rng, ROWS, WIDTH) + 2
    for rate in RATES:
        outputs = framework.build(network_of(rate)).forward(inputs, training=True)
        kept = outputs != 0
        assert kept.any(), "nothing was kept"
        case.assert_close(outputs[kept], (inputs.astype(np.float64) / (1 - rate))[kept], what="kept values")
        deviation = np.sqrt((inputs.astype(np.float64) ** 2).sum() * rate / (1 - rate)) / COUNT
        moved = abs(float(outputs.mean()) - float(inputs.mean()))
        assert moved <= 5 * deviation, f"the mean moved by {moved:.3g}, five deviations are {5 * deviation:.3g}"


@pytest.mark.capability("layers.dropout", "gradient-mask")
def test_gradient_mask(framework, case):
    """The backward pass uses the forward pass's mask: loss and gradients of one call tell the same one."""
    framework.seed(13)
    inputs = spread(case.rng, ROWS, WIDTH)
    # Targets of the other sign: no kept value can hit its target, so a zero gradient means a dropped value.
    targets = -inputs
    for rate in RATES:
        model = framework.build(network_of(rate))
        loss, _, gradient = model.gradients(Loss(kind="mse"), inputs, targets, training=True)
        kept = gradient != 0
        assert_frequency(int((~kept).sum()), rate)
        scaled = inputs.astype(np.float64) / (1 - rate)
        through = 2 / COUNT * (scaled - targets) / (1 - rate)
        case.assert_close(
            gradient[kept] * COUNT, through[kept] * COUNT, what="gradients of kept values, times their number"
        )
        expected = np.mean((np.where(kept, scaled, 0.0) - targets) ** 2)
        case.assert_close(scalar(loss), expected, what="loss under the mask that the gradients show")
