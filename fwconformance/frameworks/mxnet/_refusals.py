# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Conventions that MXNet lacks, each with the measurement that shows it."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import mxnet
from mxnet import autograd, gluon, nd

from fwconformance.frameworks._conventions import Convention
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks.mxnet._arrays import to_array

#: Parameters known not to choose the kept variance, the reset's place or epsilon's place.
_BATCH_NORM = frozenset(
    {
        "axis", "momentum", "epsilon", "center", "scale", "use_global_stats", "beta_initializer", "gamma_initializer",
        "running_mean_initializer", "running_variance_initializer", "in_channels",
    }
)  # fmt: skip
_RECURRENT = frozenset(
    {
        "hidden_size", "num_layers", "layout", "dropout", "bidirectional", "input_size", "i2h_weight_initializer",
        "h2h_weight_initializer", "i2h_bias_initializer", "h2h_bias_initializer", "dtype",
    }
)  # fmt: skip
_ADAM = frozenset({"learning_rate", "beta1", "beta2", "epsilon", "lazy_update"})


def running_variance(kind: Any = gluon.nn.BatchNorm) -> Convention:
    """Keeps the variance of 0 and 2 alone: 1 if biased, 2 if unbiased."""

    def measure() -> float:
        layer = kind(momentum=0.0, in_channels=1)
        layer.initialize(ctx=mxnet.cpu())
        with autograd.train_mode():
            layer(to_array([[0.0], [2.0]], mxnet.cpu(), "float32")).wait_to_read()
        return float(layer.running_var.data().asscalar())

    return Convention(
        label="gluon.nn.BatchNorm",
        measure=measure,
        gives={"biased": 1.0, "unbiased": 2.0},
        asked="unbiased",
        takes=kind.__init__,
        known=_BATCH_NORM,
    )


def reset_placement(kind: Any = gluon.rnn.GRU) -> Convention:
    """One step, reset gate shut, recurrent bias 1: h is half of tanh(0) if it resets after, of tanh(1) if before."""

    def measure() -> float:
        layer = kind(1, input_size=1)
        layer.initialize(mxnet.init.Zero(), ctx=mxnet.cpu())
        layer.l0_i2h_bias.set_data(to_array([-100.0, 0.0, 0.0], mxnet.cpu(), "float32"))
        layer.l0_h2h_bias.set_data(to_array([0.0, 0.0, 1.0], mxnet.cpu(), "float32"))
        return float(layer(nd.zeros((1, 1, 1), ctx=mxnet.cpu())).asscalar())

    return Convention(
        label="gluon.rnn.GRU",
        measure=measure,
        gives={"reset after": 0.0, "reset before": 0.5 * math.tanh(1.0)},
        asked="reset before",
        takes=kind.__init__,
        known=_RECURRENT,
    )


def epsilon_placement(asked: str, kind: Any = mxnet.optimizer.Adam) -> Convention:
    """One step, gradient, rate and epsilon 1: 0.5 if corrected, else sqrt(c2) / (sqrt(c2) + 1)."""
    small = math.sqrt(0.001)

    def measure() -> float:
        optimizer = kind(learning_rate=1.0, epsilon=1.0)
        weight, slope = nd.zeros(1, ctx=mxnet.cpu()), nd.ones(1, ctx=mxnet.cpu())
        optimizer.update(0, weight, slope, optimizer.create_state(0, weight))
        return -float(weight.asscalar())

    return Convention(
        label="mx.optimizer.Adam",
        measure=measure,
        gives={"corrected": 0.5, "uncorrected": small / (small + 1.0)},
        asked=asked,
        takes=kind.__init__,
        known=_ADAM,
    )


def unbiased_running_variance() -> NoReturn:
    refuse(running_variance())


def reset_before() -> NoReturn:
    refuse(reset_placement())


def adam_placement(asked: str) -> NoReturn:
    refuse(epsilon_placement(asked))
