"""The modes of the piece "speed" in 16 bits: there on a graphics card alone, tried here as far as a CPU can.

PyTorch and Keras compute in bfloat16 here too. TensorFlow rewrites what lies on a graphics card alone, and MXNet's
casts are left out: there it is the loop around them, with its scale of the loss, that is tried.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os

import numpy as np
import pytest

from fwconformance.frameworks import (
    SGD,
    Activation,
    Conv2D,
    Dense,
    Flatten,
    Loss,
    Network,
    NotAdapted,
    Seam,
    Training,
    create,
)
from fwconformance.works import HALF_MODES, initial_weights

MODULES = {"pytorch": "torch", "tensorflow": "tensorflow", "keras": "keras", "mxnet": "mxnet"}
#: Where this CPU computes in 16 bits.
HALVED = ("pytorch", "keras")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module", params=sorted(MODULES))
def seam(request):
    if importlib.util.find_spec(MODULES[request.param]) is None:
        pytest.skip(f"{request.param} is not installed here: tox runs these tests in its environment")
    backend = os.environ["KERAS_BACKEND"] if request.param == "keras" else ""
    return Seam(create(request.param, backend))


@pytest.fixture
def on_card(seam):
    """(the piece as it would be on a graphics card, its mode in 16 bits)."""
    module = importlib.import_module(f"fwconformance.frameworks.{seam.name}._speed")
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(module, "mixes", lambda _: True)
        if seam.name == "mxnet":
            patch.setattr(module.amp, "init", lambda **_: None)
        if seam.name == "tensorflow":
            options = importlib.import_module("tensorflow").config.optimizer.set_experimental_options
            stack.callback(options, {"auto_mixed_precision": False})
        piece = seam.adapter.piece("speed")
        (mode,) = set(piece.modes) & set(HALF_MODES)
        yield piece, mode


@pytest.fixture
def training(rng):
    network = Network(
        layers=(Conv2D(channels=4, kernel=(3, 3)), Activation(kind="tanh"), Flatten(), Dense(units=5)),
        input_shape=(2, 6, 6),
    )
    batch = rng.normal(size=(8, 2, 6, 6)).astype("float32"), rng.integers(0, 5, size=8)
    return Training(
        network=network,
        weights=initial_weights(network, rng),
        loss=Loss(kind="cross-entropy"),
        optimizer=SGD(rate=0.1, momentum=0.9),
        batches=(batch,),
    )


def values(seam, found):
    return found if isinstance(found, (np.ndarray, np.generic, float)) else seam.take(found, "what a call gave")


def off(found, expected):
    return float(np.linalg.norm(np.ravel(found - expected)) / np.linalg.norm(np.ravel(expected)))


def test_they_are_not_there_on_a_cpu(seam, training):
    piece = seam.adapter.piece("speed")
    assert not set(piece.modes) & set(HALF_MODES)
    for mode in HALF_MODES:
        with pytest.raises(NotAdapted, match=f"has no mode '{mode}' here"):
            piece.training(training, mode)


def test_outputs_are_float32_and_near_those_of_float32(seam, training, on_card):
    piece, mode = on_card
    inputs = training.batches[0][0]
    timed = piece.inference(training.network, training.weights, inputs, mode)
    found = values(seam, timed.call())
    expected = seam.build(training.network, training.weights).forward(inputs)
    assert found.dtype == np.float32
    assert off(found, expected) < 0.02
    # It was computed in another type.
    assert (off(found, expected) > 1e-4) == (seam.name in HALVED)


def test_steps_train_as_those_of_float32_do(seam, training, on_card):
    """Momentum too: a scale of the loss that stayed in the gradients would show."""
    piece, mode = on_card
    timed = piece.training(training, mode)
    trainer = seam.trainer(seam.build(training.network, training.weights), training.loss, training.optimizer)
    for _ in range(3):
        found, expected = float(np.ravel(values(seam, timed.call()))[0]), float(trainer.step(*training.batches[0]))
        assert found == pytest.approx(expected, rel=0.02)
    after = seam.take_all(timed.model.weights(), "weights")
    for name, value in trainer.model.weights().items():
        moved = value - training.weights[name]
        assert after[name].dtype == np.float32
        assert off(after[name] - training.weights[name], moved) < 0.05, name


def test_gradients_of_what_is_timed_are_not_scaled(seam, training, on_card):
    piece, mode = on_card
    timed = piece.training(training, mode)
    loss, found, inward = timed.model.gradients(training.loss, *training.batches[0], training=True)
    model = seam.build(training.network, training.weights)
    expected = model.gradients(training.loss, *training.batches[0], training=True)
    assert float(np.ravel(seam.take(loss, "loss"))[0]) == pytest.approx(float(expected[0]), rel=0.02)
    for name, slope in expected[1].items():
        assert off(seam.take(found[name], name), slope) < 0.05, name
    assert off(seam.take(inward, "gradient of the inputs"), expected[2]) < 0.05
