# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Caffe's adaptive solvers beside Adam, and where they add epsilon."""

from __future__ import annotations

from typing import Any, Mapping

import caffe
from caffe import layers as L  # noqa: N812  # as all of Caffe's documentation has it
from caffe.proto import caffe_pb2

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._conventions import HALF, epsilon_steps
from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks.caffe._refusals import Follows

_SQUARES = {"adagrad": 1.0, "rmsprop": HALF}


def placement(kind: str, asked: str) -> Follows:
    """One step from squares of 0: those of the gradient are 1 for AdaGrad, a half for RMSProp."""

    def measure() -> float:
        from fwconformance.frameworks.caffe._training import solver_of

        spec = caffe.NetSpec()
        spec.data = L.Input(shape={"dim": [1, 1]})
        spec.weight = L.InnerProduct(spec.data, num_output=1, bias_term=False)
        spec.loss = L.Reduction(spec.weight, axis=0, loss_weight=1)
        solver = solver_of(spec, _unit(kind))
        solver.net.blobs["data"].data[...] = 1.0
        solver.net.params["weight"][0].data[...] = 0.0
        solver.step(1)
        return -float(solver.net.params["weight"][0].data.ravel()[0])

    return Follows(
        label=f"solver {_TYPES[kind]}",
        measure=measure,
        gives=dict(epsilon_steps(_SQUARES[kind])),
        asked=asked,
        fields=tuple(name for name in caffe_pb2.SolverParameter.DESCRIPTOR.fields_by_name if "delta" in name),
        known=frozenset({"delta"}),
    )


_TYPES = {"adagrad": "AdaGrad", "rmsprop": "RMSProp"}
#: Of AdaGradSolver and RMSPropSolver; `placement` measures it where another is asked for.
_OWN = "outside"


def _unit(kind: str) -> Any:
    if kind == "adagrad":
        return neutral.AdaGrad(rate=1.0, epsilon=1.0)
    return neutral.RMSProp(rate=1.0, decay=HALF, epsilon=1.0)


def own_conventions(kind: str) -> Mapping[str, Any]:
    """What `Seam.own_conventions` asks for."""
    found = placement(kind, _OWN)
    seen = found.measure()
    return {"epsilon_placement": min(found.gives, key=lambda name: abs(found.gives[name] - seen)), "initial": 0.0}


def fill(message: Any, optimizer: Any) -> bool:
    """Put `optimizer` into `message`, a SolverParameter; False for a description of another.

    Raises `Unsupported` for the other place of epsilon.
    """
    if isinstance(optimizer, neutral.AdaDelta):
        message.type, message.momentum, message.delta = "AdaDelta", optimizer.decay, optimizer.epsilon
        return True
    kind = {neutral.AdaGrad: "adagrad", neutral.RMSProp: "rmsprop"}.get(type(optimizer))
    if kind is None:
        return False
    if optimizer.epsilon_placement != _OWN:
        refuse(placement(kind, optimizer.epsilon_placement))
    message.type, message.delta = _TYPES[kind], optimizer.epsilon
    if kind == "rmsprop":
        message.rms_decay = optimizer.decay
    return True
