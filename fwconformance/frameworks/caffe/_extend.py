# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Pieces for research: no derivative of a derivative, and a layer of one's own in C++, out of a library."""

from __future__ import annotations

import ctypes
import functools
from typing import Any, Mapping, NoReturn

import caffe
from caffe import layers as L  # noqa: N812  # as all of Caffe's documentation has it

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._pieces_extend import operator_project
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks.caffe._bindings import headers_and_libraries
from fwconformance.frameworks.caffe._losses import add_loss
from fwconformance.frameworks.caffe._nets import held, load


def again(root: Any = caffe) -> Lookup:
    """What would give gradients that are part of a net."""
    names = ("grad", "gradients", "autograd", "hessian", "Net.gradients", "Net.hessian_vector_product", "NetSpec.grad")
    return Lookup(root=root, label="caffe", names=names)


class HigherOrderPiece:
    """A net's backward pass fills diffs; no net is made of it, and so none goes backward through it."""

    def penalty(self, weights: Mapping[str, Any], inputs: Any) -> NoReturn:
        refuse(again(), note="a backward pass leaves numbers, which no net computes")

    def hessian_vector(
        self, weights: Mapping[str, Any], along: Mapping[str, Any], inputs: Any, targets: Any
    ) -> NoReturn:
        refuse(again(), note="a backward pass leaves numbers, which no net computes")

    def third(self, inputs: Any) -> NoReturn:
        refuse(again(), note="a backward pass leaves numbers, which no net computes")


@functools.lru_cache(maxsize=None)
def _registered(library: str) -> ctypes.CDLL:
    """The library, whose layer registers itself as it is loaded, which Caffe takes once a process."""
    return ctypes.CDLL(library)


class CustomOperatorPiece:
    """REGISTER_LAYER_CLASS in a library of one's own: Caffe's guide compiles it into Caffe itself, to the same end."""

    def project(self) -> Mapping[str, Any]:
        headers, libraries = headers_and_libraries()
        version = str(caffe.__version__)
        settings = {"CAFFE_INCLUDE": str(headers), "CAFFE_LIBRARIES": str(libraries), "CAFFE_VERSION": version}
        return operator_project("caffe", "caffe", "libcaffe", settings, version).to_json()

    def forward(self, library: str, inputs: Any) -> Any:
        _registered(library)
        spec = caffe.NetSpec()
        spec.data = L.Input(shape={"dim": list(inputs.shape)})
        spec.own = L.TamedCube(spec.data)
        net = load(spec)
        net.blobs["data"].data[...] = inputs
        net.forward()
        return held({"own": net.blobs["own"].data})["own"]

    def network(
        self, library: str, weights: Mapping[str, Any], inputs: Any, targets: Any
    ) -> tuple[Any, Mapping[str, Any]]:
        _registered(library)
        (_, hidden), units = weights["w1"].shape, weights["w2"].shape[1]
        spec = caffe.NetSpec()
        spec.data = L.Input(shape={"dim": list(inputs.shape)})
        spec.first = L.InnerProduct(spec.data, num_output=hidden, transpose=True)
        spec.own = L.TamedCube(spec.first)
        spec.second = L.InnerProduct(spec.own, num_output=units, bias_term=False, transpose=True)
        add_loss(spec, neutral.Loss(kind="mse"), spec.second, targets.shape)
        net = load(spec)
        blobs = dict(zip(("w1", "b1", "w2"), (*net.params["first"], *net.params["second"])))
        for name, blob in blobs.items():
            blob.data[...] = weights[name]
        net.blobs["data"].data[...] = inputs
        net.blobs["targets"].data[...] = targets
        net.clear_param_diffs()
        net.forward()
        net.backward()
        found = held({"loss": net.blobs["loss"].data, **{name: blob.diff for name, blob in blobs.items()}})
        return found.pop("loss"), found
