"""Training and checkpoints."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import SGD, Adam, BatchNorm, Dense, Loss, Network
from fwconformance.frameworks.reference import Reference

NETWORK = Network(layers=(Dense(units=3), BatchNorm(), Dense(units=1)), input_shape=(2,))
INPUTS, TARGETS = np.random.RandomState(0).normal(size=(6, 2)), np.random.RandomState(1).normal(size=(6, 1))
ADAM = Adam(rate=0.05)


def fresh(seed, network=NETWORK, optimizer=ADAM):
    framework = Reference()
    framework.seed(seed)
    return framework.trainer(framework.build(network), Loss(kind="mse"), optimizer)


def arrays(trainer):
    return {name: value.copy() for name, value in trainer.model.arrays().items()}


def test_step_returns_the_loss_before_it():
    """The loss of a step is that of the weights it started from, in training mode."""
    trainer, other = fresh(1), fresh(1)
    value, _, _ = other.model.differentiate(Loss(kind="mse"), INPUTS, TARGETS, training=True)
    assert trainer.step(INPUTS, TARGETS).array == value


def test_training_lowers_the_loss():
    """Fifty steps of Adam take most of the loss away."""
    trainer = fresh(1)
    losses = [float(trainer.step(INPUTS, TARGETS).array) for _ in range(50)]
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("optimizer", [ADAM, SGD(rate=0.05, momentum=0.9)])
def test_resume_is_exact(tmp_path, optimizer):
    """Three steps, save, load elsewhere, three more: bit for bit the weights of six, running statistics among them."""
    whole = fresh(1, optimizer=optimizer)
    for _ in range(3):
        whole.step(INPUTS, TARGETS)
    whole.save(str(tmp_path))
    resumed = fresh(2, optimizer=optimizer)
    resumed.step(INPUTS, TARGETS)
    resumed.load(str(tmp_path))
    for trainer in (whole, resumed):
        for _ in range(3):
            trainer.step(INPUTS, TARGETS)
    for name, value in arrays(whole).items():
        np.testing.assert_array_equal(arrays(resumed)[name], value)


def test_load_refuses_another_optimizer(tmp_path):
    """Adam's state is not loaded into SGD."""
    fresh(1).save(str(tmp_path))
    with pytest.raises(ValueError, match="written by Adam, not by SGD"):
        fresh(1, optimizer=SGD(rate=0.1)).load(str(tmp_path))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((Dense(units=3), Dense(units=1)), r"differ in \['1.bias'"),
        ((Dense(units=4), BatchNorm(), Dense(units=1)), r"0.kernel is \(2, 3\) in the checkpoint, not \(2, 4\)"),
    ],
)
def test_load_refuses_another_network(tmp_path, layers, message):
    """Weights of other names or shapes are named."""
    fresh(1).save(str(tmp_path))
    with pytest.raises(ValueError, match=message):
        fresh(1, Network(layers=layers, input_shape=(2,))).load(str(tmp_path))
