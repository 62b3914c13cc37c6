"""train.sgd, train.adam and other optimizers: three steps on three batches against the oracle."""

from __future__ import annotations

import attrs
import numpy as np
import pytest

from fwconformance.frameworks import (
    SGD,
    Activation,
    AdaDelta,
    AdaGrad,
    Adam,
    Dense,
    Embedding,
    Flatten,
    Loss,
    Network,
    RMSProp,
)
from fwconformance.suitekit import compare_weights, ids, largest_move, scalar, spread, weights_for

NETWORK = Network(layers=(Dense(units=5), Activation(kind="tanh"), Dense(units=3)), input_shape=(4,))
CROSS_ENTROPY = Loss(kind="cross-entropy")


def three_steps(seam, weights, optimizer, steps):
    """Losses before each step, and the weights afterwards."""
    trainer = seam.trainer(seam.build(NETWORK, weights), CROSS_ENTROPY, optimizer)
    losses = [trainer.step(inputs, targets) for inputs, targets in steps]
    return losses, trainer.model.weights()


def check_three_steps(case, framework, oracle, optimizer, *, unlike=None):
    """Assert losses and weights are the oracle's; and that the oracle with `unlike` would have been told apart."""
    weights = weights_for(NETWORK, case.rng)
    steps = [(spread(case.rng, 8, 4), ids(case.rng, 3, 8)) for _ in range(3)]
    losses, after = three_steps(framework, weights, optimizer, steps)
    expected_losses, expected = three_steps(oracle, weights, optimizer, steps)
    for number, (loss, expected_loss) in enumerate(zip(losses, expected_losses), start=1):
        case.assert_close(scalar(loss), expected_loss, what=f"loss before step {number}")
    compare_weights(case, after, expected, what="weights after three steps")
    moved = largest_move(weights, after)
    assert min(moved.values()) > 1e-3, f"training left weights as they were: {moved}"
    if unlike is not None:
        _, other = three_steps(oracle, weights, unlike, steps)
        apart = max(float(np.abs(other[name] - after[name]).max()) for name in other)
        assert apart > 1e-3, f"weights are those of {unlike}, at most {apart:.2g} away"


@pytest.mark.capability("train.sgd", "three-steps")
def test_sgd(framework, oracle, case):
    """Three plain steps."""
    check_three_steps(case, framework, oracle, SGD(rate=0.1), unlike=SGD(rate=0.1, momentum=0.9))


@pytest.mark.capability("train.sgd", "momentum")
def test_momentum(framework, oracle, case):
    """Three steps with momentum 0.9."""
    check_three_steps(case, framework, oracle, SGD(rate=0.1, momentum=0.9), unlike=SGD(rate=0.1))


@pytest.mark.capability("train.sgd", "nesterov")
def test_nesterov(framework, oracle, case):
    """Three steps with Nesterov's momentum."""
    nesterov = SGD(rate=0.1, momentum=0.9, nesterov=True)
    check_three_steps(case, framework, oracle, nesterov, unlike=SGD(rate=0.1, momentum=0.9))


# An epsilon this large tells its two placements apart, and keeps rounding in small gradients from being blown up.
ADAM = Adam(rate=0.02, beta1=0.8, beta2=0.99, epsilon=1e-2)


def with_placement(placement):
    return attrs.evolve(ADAM, epsilon_placement=placement)


def other(placement):
    return "uncorrected" if placement == "corrected" else "corrected"


@pytest.mark.capability("train.adam", "three-steps")
def test_adam(framework, oracle, case):
    """Three steps of Adam with epsilon where the framework's own Adam has it."""
    own = framework.adam_placement()
    check_three_steps(case, framework, oracle, with_placement(own), unlike=with_placement(other(own)))


@pytest.mark.capability("train.adam", "other-placement")
def test_adam_other_placement(framework, oracle, case):
    """Three steps of Adam with epsilon in the other place."""
    own = framework.adam_placement()
    check_three_steps(case, framework, oracle, with_placement(other(own)), unlike=with_placement(own))


@pytest.mark.capability("train.adam", "repeated-ids")
def test_adam_repeated_ids(framework, oracle, case):
    """Three steps of Adam on an embedding whose ids repeat within a batch: their gradients are summed, then squared."""
    network = Network(
        layers=(Embedding(vocabulary=5, features=3), Flatten(), Dense(units=3)), input_shape=(4,), integer_input=True
    )
    weights = weights_for(network, case.rng)
    # Every id in every batch, so that it makes no difference whether a row without a gradient moves on by momentum.
    steps = [(case.rng.permutation(np.arange(24) % 5).reshape(6, 4), ids(case.rng, 3, 6)) for _ in range(3)]
    optimizer = with_placement(framework.adam_placement())
    after = {}
    for name, seam in (("framework", framework), ("oracle", oracle)):
        trainer = seam.trainer(seam.build(network, weights), CROSS_ENTROPY, optimizer)
        for inputs, targets in steps:
            trainer.step(inputs, targets)
        after[name] = trainer.model.weights()
    compare_weights(case, after["framework"], after["oracle"], what="weights after three steps")
    moved = largest_move(weights, after["framework"])
    assert min(moved.values()) > 1e-3, f"training left weights as they were: {moved}"


#: As for Adam, an epsilon that tells its places apart.
ADAPTIVE = {
    "adagrad": AdaGrad(rate=0.1, epsilon=0.05),
    "rmsprop": RMSProp(rate=0.05, decay=0.8, epsilon=0.05),
}
PLAIN = SGD(rate=0.1)


def check_own(case, framework, oracle, kind):
    own = attrs.evolve(ADAPTIVE[kind], **framework.own_conventions(kind))
    check_three_steps(case, framework, oracle, own, unlike=PLAIN)


def check_other_place(case, framework, oracle, kind):
    own = framework.own_conventions(kind)
    places = [own["epsilon_placement"], "inside" if own["epsilon_placement"] == "outside" else "outside"]
    here, there = (attrs.evolve(ADAPTIVE[kind], initial=own["initial"], epsilon_placement=place) for place in places)
    check_three_steps(case, framework, oracle, there, unlike=here)


@pytest.mark.capability("train.adagrad", "three-steps")
def test_adagrad(framework, oracle, case):
    """Three steps of AdaGrad, epsilon and the squares that it starts from as the framework has them."""
    check_own(case, framework, oracle, "adagrad")


@pytest.mark.capability("train.adagrad", "other-placement")
def test_adagrad_other_placement(framework, oracle, case):
    """Three steps of AdaGrad with epsilon in the other place."""
    check_other_place(case, framework, oracle, "adagrad")


@pytest.mark.capability("train.rmsprop", "three-steps")
def test_rmsprop(framework, oracle, case):
    """Three steps of RMSProp, epsilon and the squares that it starts from as the framework has them."""
    check_own(case, framework, oracle, "rmsprop")


@pytest.mark.capability("train.rmsprop", "other-placement")
def test_rmsprop_other_placement(framework, oracle, case):
    """Three steps of RMSProp with epsilon in the other place."""
    check_other_place(case, framework, oracle, "rmsprop")


@pytest.mark.capability("train.adadelta", "three-steps")
def test_adadelta(framework, oracle, case):
    """Three steps of AdaDelta with the paper's rate."""
    check_three_steps(case, framework, oracle, AdaDelta(decay=0.8, epsilon=0.02), unlike=PLAIN)
