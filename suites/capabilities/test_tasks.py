"""tasks.*: one small real training for each kind of problem, judged on what was held out.

Each starts from given weights, untrained outputs are the oracle's, and a trivial answer is shown not to pass.
"""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import (
    LSTM,
    Activation,
    Adam,
    BatchNorm,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    Loss,
    Network,
    Pool2D,
)
from fwconformance.suitekit import (
    ALPHABET,
    accuracy,
    batches,
    digits,
    initial_weights,
    languages,
    own_running_variance,
    squared_error,
    train,
    windows,
    wine,
)


def adam(framework, rate):
    return Adam(rate=rate, epsilon_placement=framework.adam_placement())


def untrained(framework, oracle, case, network, inputs):
    """A model with given weights, and its outputs for `inputs`, which are the oracle's."""
    weights = initial_weights(network, case.rng)
    model = framework.build(network, weights)
    outputs = model.forward(inputs)
    case.assert_close(outputs, oracle.build(network, weights).forward(inputs), what="untrained outputs")
    return model, outputs


def classify(framework, oracle, case, network, data, *, rate, size, passes, at_least):
    """Train with cross-entropy and Adam; assert the held-out accuracy, and that it was far lower before."""
    model, before = untrained(framework, oracle, case, network, data.held_out_inputs)
    at_first = accuracy(before, data.held_out_targets)
    # The largest class, guessed always: what training must beat by far.
    guess = float(np.bincount(data.held_out_targets).max()) / len(data.held_out_targets)
    assert max(at_first, guess) <= at_least - 0.15, f"{at_first:.2f} untrained, {guess:.2f} by guessing: too easy"
    trainer = framework.trainer(model, Loss(kind="cross-entropy"), adam(framework, rate))
    losses = train(trainer, batches(data.inputs, data.targets, size, passes=passes))
    reached = accuracy(trainer.model.forward(data.held_out_inputs), data.held_out_targets)
    case.figure("accuracy", reached, "1")
    case.figure("untrained accuracy", at_first, "1")
    case.figure("last loss", losses[-1], "nat")
    assert reached >= at_least, f"{reached:.3f} of what was held out is right, at least {at_least} is asked"


@pytest.mark.capability("tasks.vision", "trains")
def test_vision(framework, oracle, case):
    """Two convolutions with pooling tell ten digits apart."""
    network = Network(
        layers=(
            Conv2D(channels=8, kernel=(3, 3), padding=((1, 1), (1, 1))),
            Activation(kind="relu"),
            Pool2D(kind="max", size=(2, 2), stride=(2, 2)),
            Conv2D(channels=16, kernel=(3, 3), padding=((1, 1), (1, 1))),
            Activation(kind="relu"),
            Pool2D(kind="max", size=(2, 2), stride=(2, 2)),
            Flatten(),
            Dense(units=10),
        ),
        input_shape=(1, 8, 8),
    )
    classify(framework, oracle, case, network, digits(), rate=0.015, size=25, passes=4, at_least=0.9)


@pytest.mark.capability("tasks.text", "trains")
def test_text(framework, oracle, case):
    """A recurrent network over characters names the language of a stretch of a sentence."""
    data = languages(width=24, stride=4)
    network = Network(
        layers=(
            Embedding(vocabulary=len(ALPHABET) + 1, features=16),
            LSTM(units=32, sequences=False),
            Dense(units=data.classes),
        ),
        input_shape=(24,),
        integer_input=True,
    )
    classify(framework, oracle, case, network, data, rate=0.02, size=50, passes=5, at_least=0.8)


@pytest.mark.capability("tasks.tabular", "trains")
def test_tabular(framework, oracle, case):
    """A dense network with batch normalisation tells three cultivars apart by thirteen measurements."""
    network = Network(
        layers=(
            Dense(units=16),
            BatchNorm(running_variance=own_running_variance(framework), rate=0.2),
            Activation(kind="relu"),
            Dense(units=3),
        ),
        input_shape=(13,),
    )
    classify(framework, oracle, case, network, wine(), rate=0.02, size=20, passes=20, at_least=0.9)


@pytest.mark.capability("tasks.sequence", "trains")
def test_sequence(framework, oracle, case):
    """An LSTM forecasts the next value of two overlaid, slightly noisy oscillations, on a stretch it has not seen."""
    time, noise = np.arange(700), np.random.RandomState(7).normal(0, 0.05, size=700)
    series = np.sin(0.6 * time) + 0.5 * np.sin(1.37 * time + 1) + noise
    inputs, targets = windows(series[:540], 16)
    unseen, following = windows(series[540:], 16)
    network = Network(layers=(LSTM(units=16, sequences=False), Dense(units=1)), input_shape=(16, 1))
    model, before = untrained(framework, oracle, case, network, unseen)
    last_value = squared_error(unseen[:, -1], following)
    assert squared_error(before, following) > last_value, "the untrained network already beats the last value"
    trainer = framework.trainer(model, Loss(kind="mse"), adam(framework, 0.01))
    train(trainer, batches(inputs, targets, 40, passes=14))
    reached = squared_error(trainer.model.forward(unseen), following)
    case.figure("mean squared error", reached, "1")
    case.figure("mean squared error of the last value", last_value, "1")
    assert reached <= last_value / 4, f"error {reached:.4f}; a quarter of the last value's is {last_value / 4:.4f}"


@pytest.mark.capability("tasks.generative", "trains")
def test_generative(framework, oracle, case):
    """An autoencoder with a bottleneck of twelve generates digits it has not seen from twelve numbers each."""
    data = digits()
    seen, unseen = (images.reshape(len(images), 64) for images in (data.inputs, data.held_out_inputs))
    network = Network(
        layers=(
            Dense(units=48),
            Activation(kind="relu"),
            Dense(units=12),
            Dense(units=48),
            Activation(kind="relu"),
            Dense(units=64),
        ),
        input_shape=(64,),
    )
    mean = seen.mean(axis=0, dtype=np.float64)
    mean_image = squared_error(np.broadcast_to(mean, unseen.shape), unseen)
    directions = np.linalg.svd(seen - mean, full_matrices=False)[2][:4]
    components = squared_error((unseen - mean) @ directions.T @ directions + mean, unseen)
    model, before = untrained(framework, oracle, case, network, unseen)
    assert squared_error(before, unseen) > mean_image, "the untrained network already beats the mean image"
    trainer = framework.trainer(model, Loss(kind="mse"), adam(framework, 0.005))
    train(trainer, batches(seen, seen, 50, passes=12))
    reached = squared_error(trainer.model.forward(unseen), unseen)
    case.figure("mean squared error", reached, "1")
    case.figure("mean squared error of the mean image", mean_image, "1")
    case.figure("mean squared error of four principal components", components, "1")
    assert reached < mean_image / 2, f"error {reached:.4f}; half of the mean image's is {mean_image / 2:.4f}"
    assert reached < components, f"error {reached:.4f}; four principal components have {components:.4f}"
