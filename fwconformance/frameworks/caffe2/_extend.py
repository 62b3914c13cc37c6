# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Pieces for research: gradient operators that have no gradients themselves, and an operator of one's own in C++."""

from __future__ import annotations

import functools
import pathlib
from importlib import metadata
from typing import Any, Mapping, NoReturn

import caffe2
import numpy as np
from caffe2.python import core, dyndep, workspace

from fwconformance.frameworks._pieces_extend import operator_project
from fwconformance.frameworks._probes import Refusal, refuse
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.caffe2._nets import feed, fresh, held

#: Caffe2's headers include those of protobuf, which the wheels leave out; the system's are of another release.
_OTHER_PROTOBUF = r"by an? (older|newer) version of protoc|google/protobuf/\S+: No such file"


def _fed(values: Mapping[str, Any]) -> dict[str, Any]:
    scope = fresh("own")
    for name, value in values.items():
        feed(f"{scope}/{name}", np.asarray(value, "float32"))
    return {name: core.BlobReference(f"{scope}/{name}") for name in values}


def _gradient_of_tanh_again() -> None:
    net, x = core.Net(fresh("again")), core.BlobReference(fresh("x"))
    slopes = net.AddGradientOperators([net.SumElements(net.Tanh(x, 1), 1)])
    net.AddGradientOperators([net.SumElements(slopes[str(x)], 1)])


def again() -> Refusal:
    """Gradient operators of a gradient operator; Caffe2's own exception is of no other class."""
    return Refusal(
        call=_gradient_of_tanh_again,
        label="Net.AddGradientOperators of the gradient of Tanh",
        error=Exception,
        saying="Exception when creating gradient for [TanhGradient]",
    )


class HigherOrderPiece:
    """Gradient operators are operators of a net, but of Tanh's and of many others there is no gradient."""

    def penalty(self, weights: Mapping[str, Any], inputs: Any) -> NoReturn:
        refuse(again())

    def hessian_vector(
        self, weights: Mapping[str, Any], along: Mapping[str, Any], inputs: Any, targets: Any
    ) -> NoReturn:
        refuse(again())

    def third(self, inputs: Any) -> NoReturn:
        refuse(again())


@functools.lru_cache(maxsize=None)
def _registered(library: str) -> None:
    """Load the library, whose operators register themselves, which Caffe2 takes once a process."""
    dyndep.InitOpsLibrary(library)


class CustomOperatorPiece:
    """dyndep.InitOpsLibrary."""

    def project(self) -> Mapping[str, Any]:
        package = pathlib.Path(caffe2.__file__).parent.with_name("torch")
        if not (package / "include" / "caffe2" / "core" / "operator.h").is_file():
            raise Unavailable("this torch was installed without Caffe2's headers: the wheels of 1.7 have them")
        version = metadata.version("torch")
        # Its wheels were built with the strings and lists of before C++11.
        settings = {"TORCH_ROOT": str(package), "TORCH_BUILD": version, "TORCH_CXX11_ABI": "0"}
        artifact = "Caffe2 in the installed libtorch"
        return operator_project("caffe2", "caffe2", artifact, settings, version, unmet=_OTHER_PROTOBUF).to_json()

    def forward(self, library: str, inputs: Any) -> Any:
        _registered(library)
        blobs = _fed({"x": inputs})
        net = core.Net(fresh("custom_operator"))
        y = net.TamedCube(blobs["x"], 1)
        workspace.RunNetOnce(net)
        return held(y)

    def network(
        self, library: str, weights: Mapping[str, Any], inputs: Any, targets: Any
    ) -> tuple[Any, Mapping[str, Any]]:
        _registered(library)
        blobs = _fed({**weights, "x": inputs, "t": targets})
        net = core.Net(fresh("custom_operator"))
        sums = net.Add([net.MatMul([blobs["x"], blobs["w1"]], 1), blobs["b1"]], 1, broadcast=1)
        apart = net.Sub([net.MatMul([net.TamedCube(sums, 1), blobs["w2"]], 1), blobs["t"]], 1)
        loss = net.AveragedLoss(net.Sqr(apart, 1), 1)
        slopes = net.AddGradientOperators([loss])
        workspace.RunNetOnce(net)
        return held(loss), {name: held(slopes[str(blobs[name])]) for name in weights}
