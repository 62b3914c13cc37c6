# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Faults planted where TensorFlow uses several devices, in the workers that do so."""

from __future__ import annotations

from typing import Sequence

import tensorflow as tf

from fwconformance.frameworks import _tfdistribute_faults
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage


def sabotages() -> Sequence[Sabotage]:
    """Those of tf.distribute, and of what its guide gives a loop of the user's own."""
    return (
        *_tfdistribute_faults.sabotages(tf),
        Sabotage(
            name="averaging-forgotten",
            kills="parallel.multi-device",
            case="two-devices",
            apply=lambda: replaced(
                tf.nn, "compute_average_loss", lambda _original: lambda each, **_named: tf.reduce_mean(each)
            ),
            description="tf.nn.compute_average_loss divides by a device's own rows, not by those of the whole batch.",
        ),
        Sabotage(
            name="layouts-ignored",
            kills="parallel.model",
            case="two-devices",
            apply=lambda: replaced(
                tf.experimental.dtensor, "relayout", lambda _original: lambda tensor, _layout, *_more: tensor
            ),
            description="tf.experimental.dtensor.relayout leaves a tensor as it lies.",
        ),
    )
