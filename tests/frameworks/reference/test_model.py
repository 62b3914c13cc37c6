"""Models: eager and planned execution, training flag, weights."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import (
    LSTM,
    SGD,
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Loss,
    Network,
)
from fwconformance.frameworks.reference import Reference

DEEP = Network(
    layers=(
        Conv2D(channels=3, kernel=(2, 2)),
        BatchNorm(),
        Activation(kind="tanh"),
        Dropout(rate=0.3),
        Flatten(),
        Dense(units=4),
    ),
    input_shape=(2, 4, 3),
)
INPUTS = np.random.RandomState(0).normal(size=(5, 2, 4, 3))
CLASSES = np.array([0, 3, 1, 2, 0])
LOSS = Loss(kind="cross-entropy")


def run(model, framework, *, training):
    """Loss and gradients from a generator seeded anew."""
    framework.seed(4)
    return model.differentiate(LOSS, INPUTS, CLASSES, training=training)


@pytest.fixture
def framework():
    made = Reference()
    made.seed(2)
    return made


def test_gradients_through_layers(framework, differences):
    """The chain of backward passes is right: finite differences of the whole network's loss."""
    model = framework.build(DEEP)
    _, gradients, inward = run(model, framework, training=False)
    inputs = INPUTS.copy()

    def loss():
        return model.differentiate(LOSS, inputs, CLASSES, training=False)[0]

    np.testing.assert_allclose(inward, differences(loss, inputs), atol=1e-8)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, differences(loss, model.arrays()[name]), atol=1e-8, err_msg=name)


@pytest.mark.parametrize("training", [False, True])
def test_planned_equals_eager(framework, training):
    """The plan gives the eager loop's numbers, bit for bit."""
    model = framework.build(DEEP)
    held = {name: value.copy() for name, value in model.arrays().items()}
    eager = run(model, framework, training=training)
    for name, value in held.items():
        model.arrays()[name][...] = value
    planned = run(model.compiled(), framework, training=training)
    assert planned[0] == eager[0]
    np.testing.assert_array_equal(planned[2], eager[2])
    assert set(planned[1]) == set(eager[1])
    for name, gradient in eager[1].items():
        np.testing.assert_array_equal(planned[1][name], gradient)


def test_planned_does_not_take_the_eager_way(framework, monkeypatch):
    """The plan is a second path: the layers it calls are called by the plan, not by the eager loop."""
    compiled = framework.build(DEEP).compiled()
    monkeypatch.setattr("fwconformance.frameworks.reference._model.Model.run", None)
    assert compiled.forward(INPUTS).shape == (5, 4)
    assert compiled.compiled() is compiled


def test_planned_sees_weights_change(framework):
    """A training step of the eager model shows in the compiled one."""
    model = framework.build(DEEP)
    compiled = model.compiled()
    before = compiled.forward(INPUTS).array
    framework.trainer(model, LOSS, SGD(rate=0.5)).step(INPUTS, CLASSES)
    np.testing.assert_array_equal(compiled.forward(INPUTS).array, model.forward(INPUTS).array)
    assert np.abs(compiled.forward(INPUTS).array - before).max() > 1e-3


def test_state_gets_no_gradient(framework):
    """Running statistics are weights without a gradient."""
    model = framework.build(DEEP)
    _, gradients, _ = model.gradients(LOSS, INPUTS, CLASSES)
    assert set(model.weights()) - set(gradients) == {"1.mean", "1.variance"}


def test_integer_inputs_have_no_gradient(framework):
    """Ids have no gradient by the inputs, and need not be float."""
    network = Network(layers=(Embedding(vocabulary=3, features=2),), input_shape=(2,), integer_input=True)
    model = framework.build(network)
    assert model.gradients(Loss(kind="mse"), [[0, 2]], np.zeros((1, 2, 2)))[2] is None


def test_weights_are_copies(framework):
    """What `weights` gives does not change with the model."""
    model = framework.build(DEEP)
    kept = model.weights()["5.kernel"].array
    model.arrays()["5.kernel"][...] = 7.0
    assert not (kept == 7.0).any()


def test_given_weights_are_copied(framework):
    """Training leaves the arrays that a model was built from alone."""
    network = Network(layers=(Dense(units=1, bias=False),), input_shape=(2,))
    given = np.ones((2, 1))
    model = framework.build(network, {"0.kernel": given})
    framework.trainer(model, Loss(kind="mse"), SGD(rate=0.5)).step(np.ones((1, 2)), np.zeros((1, 1)))
    assert (given == 1.0).all()
    assert (model.arrays()["0.kernel"] != 1.0).all()


def test_initialisation(framework):
    """Kernels are drawn within Glorot's limit, scales and variances are one, biases and means zero."""
    weights = framework.build(DEEP).arrays()
    limit = np.sqrt(6 / (4 * (3 + 2)))
    assert 0.5 * limit < np.abs(weights["0.kernel"]).max() <= limit
    assert (weights["1.scale"] == 1).all()
    assert (weights["1.variance"] == 1).all()
    assert not weights["0.bias"].any()
    assert not weights["1.mean"].any()


def test_lengths_reach_every_layer(framework):
    """Two recurrent layers both know the lengths."""
    network = Network(layers=(LSTM(units=2), LSTM(units=2, sequences=False)), input_shape=(None, 3))
    model, inputs = framework.build(network), np.random.RandomState(1).normal(size=(1, 5, 3))
    padded = model.forward(inputs, lengths=np.array([3])).array
    np.testing.assert_allclose(padded, model.forward(inputs[:, :3]).array, atol=1e-15)
