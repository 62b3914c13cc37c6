# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The optional pieces, written as Caffe's users write them."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

import caffe
import numpy as np
from caffe import layers as L  # noqa: N812  # as all of Caffe's documentation has it

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.caffe import _lacking, _operators
from fwconformance.frameworks.caffe._bindings import BindingsPiece
from fwconformance.frameworks.caffe._costs import Costs
from fwconformance.frameworks.caffe._extend import CustomOperatorPiece, HigherOrderPiece
from fwconformance.frameworks.caffe._losses import add_loss
from fwconformance.frameworks.caffe._nets import held, load
from fwconformance.frameworks.caffe._serving import ServingPiece
from fwconformance.frameworks.caffe._speed import Speed
from fwconformance.frameworks.caffe._tool import CommandLinePiece
from fwconformance.frameworks.caffe._training import solver_of
from fwconformance.frameworks.caffe._unchanged import UnchangedBuildPiece
from fwconformance.frameworks.caffe._vision import DataFilesPiece, DefinitionPiece, PreprocessingPiece
from fwconformance.frameworks.caffe._zoo import CaffeModelPiece

_LAYERS = "fwconformance.frameworks.caffe._python_layers"


class CustomLayerPiece:
    """A Python layer with parameter blobs."""

    @staticmethod
    def _spec(shape: tuple[int, ...]) -> Any:
        spec = caffe.NetSpec()
        spec.data = L.Input(shape={"dim": list(shape)})
        spec.own = L.Python(spec.data, module=_LAYERS, layer="ScaleShift")
        return spec

    @staticmethod
    def _fill(net: Any, weights: Mapping[str, Any]) -> None:
        for index, name in enumerate(("scale", "shift")):
            net.params["own"][index].data[...] = weights[name]

    def forward(self, weights: Mapping[str, Any], inputs: Any) -> Any:
        net = load(self._spec(inputs.shape))
        self._fill(net, weights)
        net.blobs["data"].data[...] = inputs
        net.forward()
        return held({"own": net.blobs["own"].data})["own"]

    def train(self, weights: Mapping[str, Any], batches: Sequence[tuple[Any, Any]], rate: float) -> Mapping[str, Any]:
        shape = batches[0][0].shape
        spec = self._spec(shape)
        add_loss(spec, neutral.Loss(kind="mse"), spec.own, shape)
        solver = solver_of(spec, neutral.SGD(rate=rate))
        self._fill(solver.net, weights)
        for inputs, targets in batches:
            solver.net.blobs["data"].data[...] = inputs
            solver.net.blobs["targets"].data[...] = targets
            solver.step(1)
        scale, shift = (blob.data for blob in solver.net.params["own"])
        return held({"scale": scale, "shift": shift})


class CustomGradientPiece:
    """A Python layer's backward."""

    def value_and_gradient(self, inputs: Any) -> tuple[Any, Any]:
        spec = caffe.NetSpec()
        spec.data = L.Input(shape={"dim": list(inputs.shape)})
        spec.square = L.Python(spec.data, module=_LAYERS, layer="WrongSquare")
        spec.total = L.Reduction(spec.square, axis=0, loss_weight=1)
        net = load(spec, force_backward=True)
        net.blobs["data"].data[...] = inputs
        net.forward()
        net.backward()
        found = held({"total": net.blobs["total"].data, "slope": net.blobs["data"].diff})
        return found["total"], found["slope"]


class CustomLoopPiece:
    """pycaffe's forward and backward, and an update of one's own on data and diff."""

    def train(self, model: Any, batches: Sequence[tuple[Any, Any]], rate: float) -> Sequence[Any]:
        found = []
        for inputs, targets in batches:
            loss = neutral.Loss(kind="cross-entropy")
            net, plan = model.net(tuple(inputs.shape), training=True, loss=loss)
            model.feed(net, plan, inputs, None, targets)
            net.clear_param_diffs()
            net.forward()
            net.backward()
            for slot in plan.slots.values():
                blob = net.params[slot.layer][slot.index]
                if slot.kind != "statistic":
                    blob.data[...] -= rate * np.sign(blob.diff)
            model.copy(net, model.master)
            found.append(held({"loss": net.blobs["loss"].data})["loss"])
        return found


class LowLevelPiece:
    """pycaffe has no operation on tensors: a blob belongs to a net."""

    def two_layer(self, weights: Mapping[str, Any], inputs: Any, targets: Any) -> tuple[Any, Mapping[str, Any]]:
        refuse(
            Lookup(
                root=caffe,
                label="caffe",
                names=("matmul", "dot", "tanh", "ops", "nd", "autograd", "grad", "gradients", "Tensor", "Variable"),
            )
        )


class SymbolicPiece:
    """A net is declared, then set up, then filled and run: Caffe's only way."""

    def two_layer(self, weights: Mapping[str, Any], inputs: Any) -> Any:
        (features, hidden), units = weights["w1"].shape, weights["w2"].shape[1]
        spec = caffe.NetSpec()
        spec.x = L.Input(shape={"dim": [len(inputs), features]})
        spec.first = L.InnerProduct(spec.x, num_output=hidden, transpose=True)
        spec.second = L.InnerProduct(L.TanH(spec.first), num_output=units, bias_term=False, transpose=True)
        net = load(spec)
        for blob, name in zip((*net.params["first"], *net.params["second"]), ("w1", "b1", "w2")):
            blob.data[...] = weights[name]
        net.blobs["x"].data[...] = inputs
        net.forward()
        return held({"second": net.blobs["second"].data})["second"]


_PIECES: Mapping[str, Callable[[], Any]] = {
    "custom-layer": CustomLayerPiece,
    "custom-gradient": CustomGradientPiece,
    "custom-loop": CustomLoopPiece,
    "low-level": LowLevelPiece,
    "symbolic": SymbolicPiece,
    "higher-order": HigherOrderPiece,
    "custom-operator": CustomOperatorPiece,
    "operators": _operators.piece,
    "serving": ServingPiece,
    "bindings": BindingsPiece,
    "speed": Speed,
    "costs": Costs,
    "unchanged-build": UnchangedBuildPiece,
    "preprocessing": PreprocessingPiece,
    "data-files": DataFilesPiece,
    "definition": DefinitionPiece,
    "command-line": CommandLinePiece,
    "caffe-model": CaffeModelPiece,
}


def piece(name: str) -> Any:
    """Raises NotAdapted for a piece that this adapter does not offer, `Unsupported` for what Caffe lacks."""
    if name in _lacking.NAMES:
        _lacking.piece(name)
    if name not in _PIECES:
        raise NotAdapted(f"the Caffe adapter does not offer the piece {name!r} yet")
    return _PIECES[name]()
