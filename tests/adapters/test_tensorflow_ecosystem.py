"""The pieces about what others built on TensorFlow, with the real libraries: tensorflow-probability-cpu has them."""

from __future__ import annotations

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed here")
for library in ("tensorflow_probability", "tf_keras"):
    pytest.importorskip(library, reason=f"{library} is in tensorflow-probability-cpu alone")

from fwconformance.frameworks import create  # noqa: E402
from fwconformance.frameworks.tensorflow._sabotages_ecosystem import ECOSYSTEM_SABOTAGES  # noqa: E402

PATCHED = (
    ("tensorflow_probability.python.vi", "fit_surrogate_posterior"),
    ("tensorflow_probability.python.mcmc", "sample_chain"),
    ("importlib.metadata", "metadata"),
)


@pytest.mark.parametrize("sabotage", ECOSYSTEM_SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_it_plants_a_fault_and_takes_it_away(sabotage, check_fault, values_at):
    check_fault(sabotage, lambda: values_at(PATCHED))


def test_probability_draws_what_was_asked_for_and_the_same_again(rng):
    inputs = rng.normal(size=(6, 2)).astype("float32")
    piece = create("tensorflow", "", "cpu").piece("tensorflow-probability")
    known = {"prior": 1.0, "noise": 0.5}
    draws, again = (piece.sampled(inputs, inputs.sum(axis=1), **known, warmup=5, samples=7) for _ in range(2))
    assert tuple(draws.shape) == (7, 2)
    assert np.array_equal(draws.numpy(), again.numpy())
    found = piece.variational(inputs, inputs.sum(axis=1), **known, steps=3)
    assert {name: tuple(value.shape) for name, value in found.items()} == {"mean": (2,), "covariance": (2, 2)}
