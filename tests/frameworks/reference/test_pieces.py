"""The optional pieces of the reference, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import PIECES, Dense, Loss, Network, NotAdapted
from fwconformance.frameworks._pieces_automl import AUTOML_PIECES
from fwconformance.frameworks._pieces_build import BUILD_PIECES
from fwconformance.frameworks._pieces_compile import COMPILE_PIECES
from fwconformance.frameworks._pieces_device import DEVICE_PIECES
from fwconformance.frameworks._pieces_ecosystem import ECOSYSTEM_PIECES
from fwconformance.frameworks._pieces_export import EXPORT_PIECES
from fwconformance.frameworks._pieces_serving import SERVING_PIECES
from fwconformance.frameworks.reference import Reference

RNG = np.random.RandomState(0)
WEIGHTS = {"w1": RNG.normal(size=(3, 4)), "b1": RNG.normal(size=4), "w2": RNG.normal(size=(4, 2))}
INPUTS, TARGETS = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))


# It writes no files for others and converts none, has no compiler, no accelerator, no devices that could be timed side
# by side, no distribution that others could be part of, and no libraries that others built on it.
LACKING = {
    *BUILD_PIECES,
    *EXPORT_PIECES,
    *SERVING_PIECES,
    *COMPILE_PIECES,
    *DEVICE_PIECES,
    *ECOSYSTEM_PIECES,
    *AUTOML_PIECES,
    "throughput",
    "caffe-conversion",
}


@pytest.mark.parametrize("name", sorted(set(PIECES) - LACKING))
def test_every_piece_is_there(name):
    """The reference has each piece that is not in the world outside it, with the methods of its protocol."""
    piece = Reference().piece(name)
    for method, what in vars(PIECES[name]).items():
        if not method.startswith("_"):
            assert isinstance(what, property) or callable(getattr(piece, method))
            assert getattr(piece, method)


@pytest.mark.parametrize("name", sorted(LACKING))
def test_a_piece_that_it_lacks_is_a_gap_of_ours(name):
    """So that its cells are untested, never unsupported."""
    with pytest.raises(NotAdapted, match=f"no piece {name!r}"):
        Reference().piece(name)


def test_unknown_piece():
    """Another name is a gap of ours."""
    with pytest.raises(NotAdapted, match="no piece 'flying'"):
        Reference().piece("flying")


def test_custom_layer_trains_by_the_formula(differences):
    """One step moves both parameters against the finite differences of the mean squared error."""
    weights = {"scale": RNG.normal(size=3), "shift": RNG.normal(size=3)}
    targets = RNG.normal(size=INPUTS.shape)

    def loss():
        return np.mean((INPUTS * weights["scale"] + np.tanh(INPUTS) * weights["shift"] - targets) ** 2)

    after = Reference().piece("custom-layer").train(weights, [(INPUTS, targets)], 0.5)
    for name, values in weights.items():
        np.testing.assert_allclose(after[name].array, values - 0.5 * differences(loss, values), atol=1e-8)


def test_custom_gradient_is_the_wrong_one():
    """The value is the sum of squares, the gradient seven times the input."""
    value, gradient = Reference().piece("custom-gradient").value_and_gradient(np.array([1.0, -2.0]))
    assert value.array == 5.0
    np.testing.assert_array_equal(gradient.array, [7.0, -14.0])


def test_custom_loop_moves_by_whole_rates():
    """Each weight moves by the rate, against the sign of its gradient, in the model itself."""
    framework = Reference()
    model = framework.build(Network(layers=(Dense(units=3),), input_shape=(3,)))
    before, batch = model.weights(), (INPUTS, np.array([0, 1, 2, 1, 0]))
    value, gradients, _ = model.differentiate(Loss(kind="cross-entropy"), *batch, training=True)
    losses = framework.piece("custom-loop").train(model, [batch], 0.25)
    assert losses[0].array == value
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(model.arrays()[name], before[name].array - 0.25 * np.sign(gradient))


def test_low_level_gradients(differences):
    """Loss and gradients are those of the formula."""

    def loss():
        return np.mean((np.tanh(INPUTS @ WEIGHTS["w1"] + WEIGHTS["b1"]) @ WEIGHTS["w2"] - TARGETS) ** 2)

    value, gradients = Reference().piece("low-level").two_layer(WEIGHTS, INPUTS, TARGETS)
    assert value.array == pytest.approx(loss())
    for name, values in WEIGHTS.items():
        np.testing.assert_allclose(gradients[name].array, differences(loss, values), atol=1e-8)


def test_symbolic():
    """The declared graph gives the formula's values."""
    outputs = Reference().piece("symbolic").two_layer(WEIGHTS, INPUTS)
    expected = np.tanh(INPUTS @ WEIGHTS["w1"] + WEIGHTS["b1"]) @ WEIGHTS["w2"]
    np.testing.assert_allclose(outputs.array, expected, atol=1e-14)
