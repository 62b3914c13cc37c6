# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Conventions and operators that Caffe2 lacks, each with the measurement or look-up that shows it."""

from __future__ import annotations

from typing import Any, Callable, NoReturn

import attrs
import numpy as np
from caffe2.python import optimizer, workspace
from caffe2.python.helpers import normalization

from fwconformance.frameworks._conventions import Convention
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks.caffe2._nets import blob, feed, fresh, run_over

#: Parameters known not to choose the kept variance, or epsilon's place.
_SPATIAL_BN = frozenset(
    {
        "model", "blob_in", "blob_out", "dim_in", "init_scale", "init_bias", "ScaleInitializer", "BiasInitializer",
        "RunningMeanInitializer", "RunningVarianceInitializer", "order",
    }
)  # fmt: skip
_ADAM = frozenset(
    {
        "alpha", "beta1", "beta2", "epsilon", "policy", "use_lr_adaption", "lr_alpha", "normalized_lr_adaption",
        "sparse_dedup_aggregator", "rowWise", "engine", "enableRAdam", "kwargs", "use_smart_decay",
        "smart_decay_correction",
    }
)  # fmt: skip


@attrs.frozen(kw_only=True)
class Operators:
    """Looks for any of `names` among the operators that the build has registered."""

    names: tuple[str, ...]
    listed: Callable[[], Any] = workspace.RegisteredOperators

    def run(self) -> tuple[bool, str]:
        """(none of them is there, the evidence in words)."""
        known = set(self.listed())
        found = [name for name in self.names if name in known]
        if found:
            return False, f"workspace.RegisteredOperators() has {', '.join(found)}"
        return True, f"workspace.RegisteredOperators() has {len(known)} operators and none of: {', '.join(self.names)}"


def no_operator(*names: str) -> NoReturn:
    refuse(Operators(names=names))


def _running_variance() -> float:
    scope = fresh("probe")
    names = [f"{scope}/{part}" for part in ("x", "scale", "shift", "mean", "variance")]
    for name, value in zip(names, ([[0.0], [2.0]], [1.0], [0.0], [0.0], [1.0])):
        feed(name, np.asarray(value, "float32"))
    outputs = [f"{scope}/y", *names[3:], f"{scope}/sm", f"{scope}/siv"]
    run_over(names, outputs, "SpatialBN", momentum=0.0, is_test=0, order="NCHW")
    return float(blob(names[4]).fetch()[0])


def running_variance(measure: Callable[[], float] = _running_variance) -> Convention:
    """Keeps the variance of 0 and 2 alone: 1 if biased, 2 if unbiased."""
    return Convention(
        label="operator SpatialBN",
        measure=measure,
        gives={"biased": 1.0, "unbiased": 2.0},
        asked="biased",
        takes=normalization.spatial_bn,
        known=_SPATIAL_BN,
    )


def _adam_step() -> float:
    """How far the operator Adam moves one weight whose gradient and epsilon are 1, told that it is the first step.

    It adds what it is given a rate of; optimizers give it a negative one.
    """
    scope = fresh("probe")
    names = [f"{scope}/{part}" for part in ("weight", "first", "second", "slope", "rate", "step")]
    for name, value in zip(names, (0.0, 0.0, 0.0, 1.0, -1.0)):
        feed(name, np.asarray([value], "float32"))
    feed(names[5], np.asarray([0], "int64"))
    run_over(names, names[:3], "Adam", beta1=0.9, beta2=0.999, epsilon=1.0)
    return -float(blob(names[0]).fetch()[0])


def epsilon_placement(asked: str, measure: Callable[[], float] = _adam_step) -> Convention:
    """One step, gradient, rate and epsilon 1: 0.5 if corrected, else sqrt(c2) / (sqrt(c2) + 1)."""
    small = 0.001**0.5
    return Convention(
        label="operator Adam",
        measure=measure,
        gives={"corrected": 0.5, "uncorrected": small / (small + 1.0)},
        asked=asked,
        takes=optimizer.AdamOptimizer.__init__,
        known=_ADAM,
    )


def adam_placement(asked: str) -> NoReturn:
    refuse(epsilon_placement(asked))
