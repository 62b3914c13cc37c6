# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The optional pieces, written as MXNet's users write them."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Mapping, Sequence

import mxnet
from mxnet import autograd, gluon, nd
from mxnet.gluon import loss as losses

from fwconformance.frameworks._pieces_bindings import BINDING_PIECES
from fwconformance.frameworks._pieces_compile import COMPILE_PIECES
from fwconformance.frameworks._pieces_costs import COSTS_PIECES
from fwconformance.frameworks._pieces_device import DEVICE_PIECES
from fwconformance.frameworks._pieces_export import EXPORTS
from fwconformance.frameworks._pieces_extend import EXTEND_PIECES
from fwconformance.frameworks._pieces_parallel import PARALLEL_PIECES
from fwconformance.frameworks._pieces_serving import SERVING_PIECES
from fwconformance.frameworks._pieces_speed import SPEED_PIECES
from fwconformance.frameworks._pieces_vision import VISION_PIECES
from fwconformance.frameworks._pieces_zoo import ZOO_PIECES
from fwconformance.frameworks._programs import no_command_line
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.mxnet._arrays import to_array
from fwconformance.frameworks.mxnet._losses import scalar


class _Piece:
    def __init__(self, context: Any) -> None:
        self._context = context

    def _take(self, values: Any) -> Any:
        return to_array(values, self._context, "float32")


class ScaleShift(gluon.HybridBlock):
    """``x * scale + tanh(x) * shift``: a layer of a user's own."""

    def __init__(self, features: int) -> None:
        super().__init__()
        with self.name_scope():
            self.scale = self.params.get("scale", shape=(features,), init="ones")
            self.shift = self.params.get("shift", shape=(features,), init="zeros")

    def hybrid_forward(self, ops: Any, x: Any, scale: Any, shift: Any) -> Any:
        return ops.broadcast_mul(x, scale) + ops.broadcast_mul(ops.tanh(x), shift)


class CustomLayerPiece(_Piece):
    def _layer(self, weights: Mapping[str, Any]) -> Any:
        layer = ScaleShift(len(weights["scale"]))
        layer.initialize(ctx=self._context)
        for name, value in weights.items():
            getattr(layer, name).set_data(self._take(value))
        return layer

    def forward(self, weights: Mapping[str, Any], inputs: Any) -> Any:
        return self._layer(weights)(self._take(inputs))

    def train(self, weights: Mapping[str, Any], batches: Sequence[tuple[Any, Any]], rate: float) -> Mapping[str, Any]:
        layer = self._layer(weights)
        model = gluon.nn.HybridSequential()
        model.add(layer)
        trainer = gluon.Trainer(model.collect_params(), "sgd", {"learning_rate": rate})
        measure = losses.L2Loss(weight=2.0)
        for inputs, targets in batches:
            with autograd.record():
                loss = measure(model(self._take(inputs)), self._take(targets))
            loss.backward()
            trainer.step(len(inputs))
        return {name: getattr(layer, name).data().copy() for name in weights}


class WrongSquare(autograd.Function):
    """Square with a backward of 7 x for the true 2 x, so the framework's own cannot pass for it."""

    def forward(self, x: Any) -> Any:
        self.save_for_backward(x)
        return x**2

    def backward(self, upstream: Any) -> Any:
        (x,) = self.saved_tensors
        return upstream * 7 * x


class CustomGradientPiece(_Piece):
    def value_and_gradient(self, inputs: Any) -> tuple[Any, Any]:
        x = self._take(inputs)
        x.attach_grad()
        with autograd.record():
            total = WrongSquare()(x).sum()
        total.backward()
        return scalar(total), x.grad


class CustomLoopPiece(_Piece):
    def train(self, model: Any, batches: Sequence[tuple[Any, Any]], rate: float) -> Sequence[Any]:
        found = []
        measure = losses.SoftmaxCrossEntropyLoss()
        trained = [p for p in model.stack.collect_params().values() if p.grad_req != "null"]
        for inputs, targets in batches:
            with autograd.record():
                loss = measure(model.run(model.take(inputs)), model.take(targets)).mean()
            loss.backward()
            for parameter in trained:
                parameter.data()[:] -= rate * nd.sign(parameter.grad())
            found.append(scalar(loss))
        return found


class LowLevelPiece(_Piece):
    """NDArray and autograd without Gluon."""

    def two_layer(self, weights: Mapping[str, Any], inputs: Any, targets: Any) -> tuple[Any, Mapping[str, Any]]:
        leaves = {name: self._take(value) for name, value in weights.items()}
        for leaf in leaves.values():
            leaf.attach_grad()
        x, t = self._take(inputs), self._take(targets)
        with autograd.record():
            hidden = nd.tanh(nd.broadcast_add(nd.dot(x, leaves["w1"]), leaves["b1"]))
            loss = nd.mean((nd.dot(hidden, leaves["w2"]) - t) ** 2)
        loss.backward()
        return scalar(loss), {name: leaf.grad for name, leaf in leaves.items()}


class SymbolicPiece(_Piece):
    """Symbol: the graph is declared with variables, then bound to values and run."""

    def two_layer(self, weights: Mapping[str, Any], inputs: Any) -> Any:
        sym = mxnet.sym
        x, w1, b1, w2 = (sym.var(name) for name in ("x", "w1", "b1", "w2"))
        graph = sym.dot(sym.tanh(sym.broadcast_add(sym.dot(x, w1), b1)), w2)
        values = {name: self._take(weights[name]) for name in ("w1", "b1", "w2")}
        values["x"] = self._take(inputs)
        return graph.bind(self._context, values).forward(is_train=False)[0]


_PIECES: Mapping[str, Callable[[Any], Any]] = {
    "custom-layer": CustomLayerPiece,
    "custom-gradient": CustomGradientPiece,
    "custom-loop": CustomLoopPiece,
    "low-level": LowLevelPiece,
    "symbolic": SymbolicPiece,
}

#: Pieces in modules of their own, imported when asked for: piece to module. Each module has `piece(name, context)`.
_MODULES: Mapping[str, str] = {
    **dict.fromkeys(PARALLEL_PIECES, "_parallel"),
    **dict.fromkeys(EXPORTS, "_export"),
    **dict.fromkeys(EXTEND_PIECES, "_extend"),
    **dict.fromkeys(BINDING_PIECES, "_bindings"),
    **dict.fromkeys(SERVING_PIECES, "_serving"),
    **dict.fromkeys(COMPILE_PIECES, "_compile"),
    **dict.fromkeys(DEVICE_PIECES, "_accelerator"),
    **dict.fromkeys(SPEED_PIECES, "_speed"),
    **dict.fromkeys(COSTS_PIECES, "_costs"),
    **dict.fromkeys(VISION_PIECES, "_vision"),
    **dict.fromkeys(ZOO_PIECES, "_caffe_converter"),
    "operators": "_operators",
    "gluoncv": "_gluoncv",
    "gluonnlp": "_gluonnlp",
    "mxfusion": "_mxfusion",
}


def piece(name: str, context: Any) -> Any:
    """Raises NotAdapted for a piece that this adapter does not offer, and what its module raises."""
    if name == "command-line":
        no_command_line("mxnet", "mxnet", "mxnet-mkl", "mxnet-native", "mxnet-cu112")
    if name in _MODULES:
        return importlib.import_module(f"{__package__}.{_MODULES[name]}").piece(name, context)
    if name not in _PIECES:
        raise NotAdapted(f"the MXNet adapter does not offer the piece {name!r} yet")
    return _PIECES[name](context)
