"""The pieces for research of the reference, by finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks.reference import Reference

RNG = np.random.RandomState(0)


def drawn():
    return {"w1": RNG.normal(size=(3, 4)), "b1": RNG.normal(size=4), "w2": RNG.normal(size=(4, 2))}


WEIGHTS, ALONG = drawn(), drawn()
INPUTS, TARGETS = RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2))


def test_the_penalty_and_its_gradients(differences):
    """The penalty is half the squared gradient by the inputs, its gradients are those of that number."""

    def slope():
        hidden = np.tanh(INPUTS @ WEIGHTS["w1"] + WEIGHTS["b1"])
        return ((1 - hidden**2) * WEIGHTS["w2"].sum(axis=1)) @ WEIGHTS["w1"].T

    def total():
        return (np.tanh(INPUTS @ WEIGHTS["w1"] + WEIGHTS["b1"]) @ WEIGHTS["w2"]).sum()

    def penalty():
        return (slope() ** 2).sum() / 2

    np.testing.assert_allclose(
        slope(),
        differences(total, INPUTS),
        atol=1e-8,
    )
    value, gradients = Reference().piece("higher-order").penalty(WEIGHTS, INPUTS)
    assert value.array == pytest.approx(penalty())
    for name, values in WEIGHTS.items():
        np.testing.assert_allclose(gradients[name].array, differences(penalty, values), atol=1e-7)


def test_the_hessian_times_a_vector(differences):
    """It is the difference of gradients a small way along the vector."""
    framework, way = Reference(), 1e-5

    def gradients(sign):
        moved = {name: values + sign * way * ALONG[name] for name, values in WEIGHTS.items()}
        return framework.piece("low-level").two_layer(moved, INPUTS, TARGETS)[1]

    product = framework.piece("higher-order").hessian_vector(WEIGHTS, ALONG, INPUTS, TARGETS)
    ahead, behind = gradients(1), gradients(-1)
    for name in WEIGHTS:
        expected = (ahead[name].array - behind[name].array) / (2 * way)
        np.testing.assert_allclose(product[name].array, expected, atol=1e-8)


def test_the_third_derivative():
    """Of tanh at 0 it is -2; elsewhere that of the second one's difference."""
    piece, way = Reference().piece("higher-order"), 1e-5
    assert piece.third(np.zeros(1)).array == [-2.0]
    there = np.array([-0.7, 0.3, 1.9])
    second = [-2 * np.tanh(x) * (1 - np.tanh(x) ** 2) for x in (there + way, there - way)]
    np.testing.assert_allclose(piece.third(there).array, (second[0] - second[1]) / (2 * way), atol=1e-8)
