"""modes.*: compiled and symbolic execution beside eager execution and the oracle."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import SGD, Activation, BatchNorm, Dense, Dropout, Loss, Network
from fwconformance.suitekit import compare_gradients, compare_weights, own_running_variance, scalar, spread, weights_for

MSE = Loss(kind="mse")
DROPPED = Network(layers=(Dropout(rate=0.4),), input_shape=(50,))


def normalised(running_variance):
    layers = (Dense(units=6), BatchNorm(epsilon=0.05, rate=0.3, running_variance=running_variance), Dense(units=2))
    return Network(layers=layers, input_shape=(4,))


@pytest.mark.capability("modes.compiled", "forward-agrees")
def test_forward_agrees(framework, oracle, case):
    """Inference and training, two batch sizes, weights that change under the compiled program: all as in eager mode."""
    network = normalised(own_running_variance(framework))
    weights = weights_for(network, case.rng)
    eager, expected = framework.build(network, weights), oracle.build(network, weights)
    compiled = eager.compiled()
    for batch in (6, 3):
        inputs = spread(case.rng, batch, 4) + 0.5
        outputs = compiled.forward(inputs)
        case.assert_close(outputs, expected.forward(inputs), what=f"outputs, batch {batch}")
        case.assert_close(outputs, eager.forward(inputs), what=f"outputs against eager mode, batch {batch}")

    batch = spread(case.rng, 6, 4) + 0.5, spread(case.rng, 6, 2)
    for seam, model in ((framework, eager), (oracle, expected)):
        seam.trainer(model, MSE, SGD(rate=0.2)).step(*batch)
    outputs = compiled.forward(inputs)
    case.assert_close(outputs, expected.forward(inputs), what="outputs after a training step in eager mode")
    case.assert_close(outputs, eager.forward(inputs), what="outputs against eager mode after that step")
    outputs = compiled.forward(inputs, training=True)
    case.assert_close(outputs, expected.forward(inputs, training=True), what="outputs in training mode")

    dropped, ones = framework.build(DROPPED).compiled(), np.ones((20, 50), dtype=np.float32)
    first, second = (dropped.forward(ones, training=True) for _ in range(2))
    zeros = float((first == 0).mean())
    assert 0.25 < zeros < 0.55, f"compiled dropout of rate 0.4 zeroed {zeros:.2f} of the values"
    assert (first != second).any(), "the compiled program drew its dropout mask once and for all"


@pytest.mark.capability("modes.compiled", "gradients-agree")
def test_gradients_agree(framework, oracle, case):
    """Loss and gradients of the compiled model, in inference and in training mode."""
    network = normalised(own_running_variance(framework))
    weights, inputs, targets = weights_for(network, case.rng), spread(case.rng, 6, 4), spread(case.rng, 6, 2)
    for training, what in ((False, "inference"), (True, "training")):
        eager = framework.build(network, weights).gradients(MSE, inputs, targets, training=training)
        compiled = framework.build(network, weights).compiled().gradients(MSE, inputs, targets, training=training)
        expected = oracle.build(network, weights).gradients(MSE, inputs, targets, training=training)
        compare_gradients(case, network, compiled, expected, what=what)
        compare_gradients(case, network, compiled, eager, what=f"{what}, against eager mode")


@pytest.mark.capability("modes.compiled", "training-agrees")
def test_training_agrees(framework, oracle, case):
    """Three SGD steps on a compiled model: losses, weights and running statistics of eager mode and of the oracle."""
    network = normalised(own_running_variance(framework))
    weights = weights_for(network, case.rng)
    steps = [(spread(case.rng, 6, 4), spread(case.rng, 6, 2)) for _ in range(3)]
    ended = {}
    models = {
        "eager": (framework, framework.build(network, weights)),
        "compiled": (framework, framework.build(network, weights).compiled()),
        "oracle": (oracle, oracle.build(network, weights)),
    }
    for name, (seam, model) in models.items():
        trainer = seam.trainer(model, MSE, SGD(rate=0.1, momentum=0.9))
        losses = [scalar(trainer.step(inputs, targets)) for inputs, targets in steps]
        ended[name] = (np.stack(losses), trainer.model.weights())
    for other in ("oracle", "eager"):
        case.assert_close(ended["compiled"][0], ended[other][0], what=f"losses, against {other}")
        compare_weights(case, ended["compiled"][1], ended[other][1], what=f"weights, against {other}")


@pytest.mark.capability("modes.symbolic", "agrees")
def test_symbolic(framework, oracle, case):
    """A graph declared first, then bound to values, gives what the imperative network gives, for two sets."""
    network = Network(
        layers=(Dense(units=6), Activation(kind="tanh"), Dense(units=3, bias=False)),
        input_shape=(4,),
    )
    for number in (1, 2):
        weights, inputs = weights_for(network, case.rng), spread(case.rng, 5, 4)
        named = {"w1": weights["0.kernel"], "b1": weights["0.bias"], "w2": weights["2.kernel"]}
        outputs = framework.piece("symbolic").two_layer(named, inputs)
        case.assert_close(outputs, oracle.build(network, weights).forward(inputs), what=f"outputs {number}")
        imperative = framework.build(network, weights).forward(inputs)
        case.assert_close(outputs, imperative, what=f"outputs {number}, against imperative mode")
