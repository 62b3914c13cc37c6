# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
# ruff: noqa: ARG005  # a fault takes what the real function takes, and uses none of it
"""Faults planted in libraries that are built on TensorFlow. Each library is imported when its fault is planted."""

from __future__ import annotations

from importlib import metadata
from typing import Any, Callable, Sequence

import tensorflow as tf

from fwconformance.frameworks._patching import planted, replaced
from fwconformance.frameworks._protocol import Sabotage


def _probability(name: str, case: str, apply: Callable[[], Any], description: str) -> Sabotage:
    return Sabotage(
        name=f"tensorflow-probability-{name}",
        kills="ecosystem.tensorflow-probability",
        case=case,
        apply=apply,
        description=description,
    )


def _of_the_prior(original: Any) -> Any:
    return lambda num_results, current_state, **named: tf.random.normal((num_results, *current_state.shape), seed=1)


ECOSYSTEM_SABOTAGES: Sequence[Sabotage] = (
    _probability(
        "stands-still",
        "variational",
        planted("tensorflow_probability.python.vi", "fit_surrogate_posterior", lambda _: lambda *given, **named: None),
        "vi.fit_surrogate_posterior leaves the surrogate as it is.",
    ),
    _probability(
        "draws-from-prior",
        "nuts",
        planted("tensorflow_probability.python.mcmc", "sample_chain", _of_the_prior),
        "mcmc.sample_chain gives draws of the prior.",
    ),
    _probability(
        "names-no-tensorflow",
        "rests-on",
        lambda: replaced(metadata, "metadata", lambda _: lambda name: {}),
        "The metadata of distributions say nothing of what they are.",
    ),
)
