"""ecosystem.pyro, ecosystem.tensorflow-probability, ecosystem.mxfusion: a posterior that is known in closed form, found
by inference.
"""

from __future__ import annotations

import numpy as np
import pytest

#: Library to the distribution of its framework.
LIBRARIES = {"pyro": "torch", "tensorflow-probability": "tensorflow", "mxfusion": "mxnet"}
PRIOR, NOISE = 1.0, 0.5


def each(case):
    """One parameter a library, with the mark of its capability."""
    return [pytest.param(name, id=name, marks=pytest.mark.capability(f"ecosystem.{name}", case)) for name in LIBRARIES]


def regression(rng):
    """Inputs and observations, and the posterior's mean and covariance, far from the prior's and correlated.

    The posterior of a linear regression with normal prior and noise is normal with covariance
    ``(X^T X / noise^2 + 1 / prior^2)^-1`` and mean ``covariance X^T y / noise^2`` (Bishop, 2006, equations 3.53, 3.54).
    """
    for _ in range(20):
        inputs = rng.normal(size=(24, 2)) @ np.array([[0.6, 0.45], [0.0, 0.35]])
        observations = inputs @ np.array([0.9, -1.3]) + NOISE * rng.normal(size=24)
        covariance = np.linalg.inv(inputs.T @ inputs / NOISE**2 + np.eye(2) / PRIOR**2)
        mean = covariance @ inputs.T @ observations / NOISE**2
        # Where it is not that far, the prior's mean would do.
        if np.linalg.norm(mean) > 3 * np.sqrt(covariance.max()):
            break
    else:
        raise ValueError("no draw put the posterior far from the prior")
    return inputs.astype("float32"), observations.astype("float32"), mean, covariance


def compare(case, mean, covariance, expected):
    """In units of the posterior's own deviations, so that one tolerance serves both."""
    deviation = np.sqrt(np.diag(expected[1]))
    case.assert_close(mean / deviation, expected[0] / deviation, what="mean, in deviations")
    scale = np.outer(deviation, deviation)
    case.assert_close(covariance / scale, expected[1] / scale, what="covariance, in deviations")


@pytest.mark.parametrize("library", each("variational"))
def test_variational(framework, case, library):
    """A normal distribution fitted by stochastic variational inference is the posterior."""
    inputs, observations, *expected = regression(case.rng)
    found = framework.piece(library).variational(inputs, observations, prior=PRIOR, noise=NOISE, steps=1500)
    compare(case, found["mean"], found["covariance"], expected)


@pytest.mark.parametrize("library", each("nuts"))
def test_nuts(framework, case, library):
    """Draws of the No-U-Turn sampler have the posterior's mean and covariance, and follow one another freely."""
    inputs, observations, *expected = regression(case.rng)
    draws = framework.piece(library).sampled(inputs, observations, prior=PRIOR, noise=NOISE, warmup=300, samples=2000)
    assert draws.shape == (2000, 2)
    compare(case, draws.mean(axis=0), np.cov(draws.T), expected)
    centred = draws - draws.mean(axis=0)
    follows = (centred[1:] * centred[:-1]).mean(axis=0) / centred.var(axis=0)
    assert np.all(np.abs(follows) < 0.6), f"draws are correlated with the one before by {follows}"


@pytest.mark.parametrize("library", each("rests-on"))
def test_rests_on(framework, case, library):
    """The library's metadata name the framework, and what it infers is the framework's tensors."""
    piece, sought = framework.piece(library), LIBRARIES[library]
    required, summary = piece.requires(), piece.summary()
    named = sought in required or sought in summary.lower()
    assert named, f"{library} requires {', '.join(sorted(required))} and is {summary!r}: no word of {sought}"
    inputs, observations, *_ = regression(case.rng)
    found = piece.variational(inputs, observations, prior=PRIOR, noise=NOISE, steps=5)
    assert np.all(np.isfinite(found["mean"]))
    assert np.all(np.isfinite(found["covariance"]))
    case.level("hardware")
