# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Caffe2's optimizers by the neutral descriptions, and where the adaptive ones add epsilon."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np
from caffe2.python import core, optimizer

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._conventions import HALF, Convention, epsilon_steps, followed
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.caffe2 import _refusals
from fwconformance.frameworks.caffe2._nets import blob, feed, fresh, run_over

#: An id that repeats within a batch has one gradient, the sum; without this each of its rows is a step of its own.
_SUMMED = {"sparse_dedup_aggregator": "sum"}
#: Parameters known not to choose the place of epsilon.
_KNOWN = {
    "adagrad": frozenset(
        {
            "alpha", "epsilon", "decay", "weight_decay", "policy", "sparse_dedup_aggregator", "rowWise", "engine",
            "lars", "output_effective_lr", "output_effective_lr_and_update", "pruning_options", "swa_options",
            "weight_scale", "counter_halflife",
        }
    ),
    "rmsprop": frozenset({"alpha", "decay", "momentum", "epsilon", "policy", "engine"}),
}  # fmt: skip


def _adagrad_step() -> float:
    """How far the operator Adagrad moves one weight from squares of 0; gradient, rate and epsilon are 1."""
    scope = fresh("probe")
    names = [f"{scope}/{part}" for part in ("weight", "squares", "slope", "rate")]
    for name, value in zip(names, (0.0, 0.0, 1.0, -1.0)):
        feed(name, np.asarray([value], "float32"))
    run_over(names, names[:2], "Adagrad", epsilon=1.0)
    return -float(blob(names[0]).fetch()[0])


def _rmsprop_step() -> float:
    """What the operator RmsProp makes of a gradient of 1 from squares of 0; epsilon is 1, the squares decay by a half.

    Its momentum is 0, so that the weight would move by this much.
    """
    scope = fresh("probe")
    names = [f"{scope}/{part}" for part in ("slope", "squares", "momentum", "rate")]
    for name, value in zip(names, (1.0, 0.0, 0.0, 1.0)):
        feed(name, np.asarray([value], "float32"))
    run_over(names, names[:3], "RmsProp", decay=HALF, momentum=0.0, epsilon=1.0)
    return float(blob(names[0]).fetch()[0])


def placement(kind: str, asked: str, measure: Any = None) -> Convention:
    """Where the operator of `kind` ("adagrad", "rmsprop") adds epsilon, by one step from squares of 0."""
    label, own, made, squares = {
        "adagrad": ("operator Adagrad", _adagrad_step, optimizer.AdagradOptimizer, 1.0),
        "rmsprop": ("operator RmsProp", _rmsprop_step, optimizer.RmsPropOptimizer, HALF),
    }[kind]
    return Convention(
        label=label,
        measure=measure or own,
        gives=epsilon_steps(squares),
        asked=asked,
        takes=made.__init__,
        known=_KNOWN[kind],
    )


def own_conventions(kind: str) -> Mapping[str, Any]:
    """What `Seam.own_conventions` asks for."""
    return {"epsilon_placement": followed(placement(kind, "outside")), "initial": 0.0}


def add_optimizer(helper: Any, chosen: neutral.Optimizer) -> None:
    """Steps of `chosen` for the trained parameters of `helper`, whose gradients were added.

    Raises `Unsupported` for an optimizer that adds epsilon elsewhere than Caffe2's does.
    """
    _make_rows(helper)
    if isinstance(chosen, neutral.SGD):
        optimizer.build_sgd(
            helper, base_learning_rate=chosen.rate, momentum=chosen.momentum, nesterov=int(chosen.nesterov), **_SUMMED
        )
    elif isinstance(chosen, neutral.Adam):
        if chosen.epsilon_placement != "uncorrected":
            _refusals.adam_placement(chosen.epsilon_placement)
        optimizer.build_adam(
            helper,
            base_learning_rate=chosen.rate,
            beta1=chosen.beta1,
            beta2=chosen.beta2,
            epsilon=chosen.epsilon,
            **_SUMMED,
        )
    elif isinstance(chosen, neutral.AdaGrad):
        _check(chosen, "adagrad")
        optimizer.build_adagrad(helper, base_learning_rate=chosen.rate, epsilon=chosen.epsilon, **_SUMMED)
    elif isinstance(chosen, neutral.RMSProp):
        _check(chosen, "rmsprop")
        optimizer.build_rms_prop(helper, base_learning_rate=chosen.rate, decay=chosen.decay, epsilon=chosen.epsilon)
    elif isinstance(chosen, neutral.AdaDelta):
        optimizer.build_adadelta(
            helper, base_learning_rate=chosen.rate, decay=chosen.decay, epsilon=chosen.epsilon, **_SUMMED
        )
    else:
        raise NotAdapted(f"the Caffe2 adapter does not know the optimizer {chosen!r}")


def _make_rows(helper: Any) -> None:
    """A table's gradient has the ids' own shape; what sums those of one id takes a vector of ids, and as many rows."""
    net = helper.net
    for parameter, slope in helper.param_to_grad.items():
        if isinstance(slope, core.GradientSlice):
            features = blob(str(parameter)).tensor().shape[-1]
            ids, _ = net.Reshape(slope.indices, [net.NextName(), net.NextName()], shape=[-1])
            rows, _ = net.Reshape(slope.values, [net.NextName(), net.NextName()], shape=[-1, features])
            helper.get_param_info(parameter).grad = core.GradientSlice(indices=ids, values=rows)


def _check(chosen: Any, kind: str) -> None:
    own = own_conventions(kind)
    if chosen.epsilon_placement != own["epsilon_placement"]:
        refuse(placement(kind, chosen.epsilon_placement))
    if chosen.initial != own["initial"]:
        raise NotAdapted(f"the Caffe2 adapter starts {kind} from squares of 0, {chosen.initial} was asked for")
