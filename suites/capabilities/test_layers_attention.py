"""layers.attention against the oracle."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import Loss, Network, SelfAttention
from fwconformance.suitekit import check_forward, check_gradients, spread, weights_for

MSE = Loss(kind="mse")
FULL = Network(layers=(SelfAttention(heads=2),), input_shape=(5, 6))
CAUSAL = Network(layers=(SelfAttention(heads=3, causal=True),), input_shape=(5, 6))


@pytest.mark.capability("layers.attention", "forward")
def test_forward(framework, oracle, case):
    """Two heads of three features over five steps."""
    check_forward(case, framework, oracle, FULL, weights_for(FULL, case.rng), spread(case.rng, 3, 5, 6))


@pytest.mark.capability("layers.attention", "gradients")
def test_gradients(framework, oracle, case):
    """Gradients by four kernels, four biases and the inputs."""
    weights, inputs, targets = weights_for(FULL, case.rng), spread(case.rng, 3, 5, 6), spread(case.rng, 3, 5, 6)
    check_gradients(case, framework, oracle, FULL, weights, MSE, inputs, targets)


@pytest.mark.capability("layers.attention", "causal")
def test_causal(framework, oracle, case):
    """A step sees itself and earlier ones alone."""
    weights, inputs, targets = weights_for(CAUSAL, case.rng), spread(case.rng, 3, 5, 6), spread(case.rng, 3, 5, 6)
    check_forward(case, framework, oracle, CAUSAL, weights, inputs)
    check_gradients(case, framework, oracle, CAUSAL, weights, MSE, inputs, targets)
    model = framework.build(CAUSAL, weights)
    before, changed = model.forward(inputs), inputs.copy()
    changed[:, 3:] += 1
    after = model.forward(changed)
    case.assert_close(after[:, :3], before[:, :3], what="outputs before the changed step")
    assert (after[:, 3:] != before[:, 3:]).any(), "later outputs do not depend on their own inputs"
