"""layers.pooling against the oracle. All values differ, so that no maximum is tied, but where ties are the point."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Activation, Dense, Flatten, Loss, Network, Pool2D
from fwconformance.suitekit import check_forward, check_gradients, distinct, scalar, spread, weights_for

SHAPE = (2, 7, 6)
MAX = Pool2D(kind="max", size=(3, 2), stride=(2, 1))
AVERAGE = Pool2D(kind="average", size=(2, 3), stride=(1, 2))
# Odd windows at stride one, padded by half a window: what frameworks that know padding by name alone call "same".
PADDED = {"size": (3, 5), "stride": (1, 1), "padding": (1, 2)}


def alone(layer):
    return Network(layers=(layer,), input_shape=SHAPE)


def headed(layer):
    """The layer between weights, so that each cell's gradient is its own."""
    return Network(
        layers=(layer, Activation(kind="tanh"), Flatten(), Dense(units=3)),
        input_shape=SHAPE,
    )


def check_headed_gradients(case, framework, oracle, layer, what, *, training=True):
    network = headed(layer)
    weights, inputs, targets = weights_for(network, case.rng), distinct(case.rng, 3, *SHAPE), spread(case.rng, 3, 3)
    inputs = inputs / 10  # tanh must not saturate
    check_gradients(
        case, framework, oracle, network, weights, Loss(kind="mse"), inputs, targets, training=training, what=what
    )


@pytest.mark.capability("layers.pooling", "max")
def test_max(framework, oracle, case):
    """Maxima of overlapping windows, also where every value is negative."""
    inputs = distinct(case.rng, 3, *SHAPE)
    check_forward(case, framework, oracle, alone(MAX), {}, inputs)
    check_forward(case, framework, oracle, alone(MAX), {}, inputs - inputs.max() - 1, what="maxima of negative values")


@pytest.mark.capability("layers.pooling", "average")
def test_average(framework, oracle, case):
    """Averages of overlapping windows."""
    check_forward(case, framework, oracle, alone(AVERAGE), {}, distinct(case.rng, 3, *SHAPE))


@pytest.mark.capability("layers.pooling", "gradients")
def test_gradients(framework, oracle, case):
    """Gradients by the image, in training: where windows overlap they add up."""
    check_headed_gradients(case, framework, oracle, MAX, "max")
    check_headed_gradients(case, framework, oracle, AVERAGE, "average")


@pytest.mark.capability("layers.pooling", "inference-gradients")
def test_inference_gradients(framework, oracle, case):
    """The same in inference mode, as saliency maps and adversarial examples need it."""
    check_headed_gradients(case, framework, oracle, MAX, "max", training=False)
    check_headed_gradients(case, framework, oracle, AVERAGE, "average", training=False)


def check_padded_average(framework, oracle, case, *, count_padding):
    layer = Pool2D(kind="average", count_padding=count_padding, **PADDED)
    check_forward(case, framework, oracle, alone(layer), {}, distinct(case.rng, 3, *SHAPE))
    check_headed_gradients(case, framework, oracle, layer, "average")


@pytest.mark.capability("layers.pooling", "padded-counted")
def test_padded_counted(framework, oracle, case):
    """A padded average divided by the whole window."""
    check_padded_average(framework, oracle, case, count_padding=True)


@pytest.mark.capability("layers.pooling", "padded-uncounted")
def test_padded_uncounted(framework, oracle, case):
    """A padded average divided by the cells on the image; padding does not win a maximum either."""
    check_padded_average(framework, oracle, case, count_padding=False)
    inputs = distinct(case.rng, 3, *SHAPE)
    layer = Pool2D(kind="max", **PADDED)
    check_forward(case, framework, oracle, alone(layer), {}, inputs - inputs.max() - 1, what="padded maxima")


@pytest.mark.capability("layers.pooling", "tied-maxima")
def test_tied_maxima(framework, oracle, case):
    """Where cells of a window share its maximum, its gradient goes to any one of them, or in shares to several."""
    network = headed(Pool2D(kind="max", size=(2, 2), stride=(2, 2)))
    network = Network(layers=network.layers, input_shape=(1, 4, 8))
    tied = np.array([[[1, 1, 1, 1], [3, 2, 3, 1], [1, 4, 4, 2], [0, 0, 0, 0]],
                     [[-1, -1, -1, -3], [5, 1, 2, 5], [2, 2, 2, 1], [6, 6, 6, 6]]], "float32")  # fmt: skip
    windows = tied.reshape(1, 2, 4, 2, 2) / 10  # batch and channel, rows and columns of windows, cells
    inputs = windows.transpose(0, 1, 3, 2, 4).reshape(1, 1, 4, 8)
    weights, targets = weights_for(network, case.rng), spread(case.rng, 1, 3)
    loss = Loss(kind="mse")
    found, expected = (
        seam.build(network, weights).gradients(loss, inputs, targets, training=True) for seam in (framework, oracle)
    )
    case.assert_close(scalar(found[0]), expected[0], what="loss")
    # The oracle gives all of it to the first: what comes to each window.
    shares, whole = (
        each[2].reshape(1, 2, 2, 4, 2).transpose(0, 1, 3, 2, 4).reshape(1, 2, 4, 4) for each in (found, expected)
    )
    upstream = whole.sum(axis=-1)
    flat = windows.reshape(1, 2, 4, 4)
    case.assert_close(shares.sum(axis=-1), upstream, what="sums of each window's gradient over its cells")
    smaller = flat < flat.max(axis=-1, keepdims=True)
    case.assert_close(shares[smaller], np.zeros(int(smaller.sum())), what="gradients of cells below the maximum")
    against = np.minimum(shares * np.sign(upstream)[..., None], 0.0)
    case.assert_close(against, np.zeros_like(against), what="shares of the other sign than their window's gradient")
