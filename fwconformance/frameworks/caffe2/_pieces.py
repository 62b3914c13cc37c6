# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""The optional pieces, written as Caffe2's users write them."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Mapping, Sequence

import numpy as np
from caffe2.python import core, optimizer, workspace
from caffe2.python.model_helper import ModelHelper

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.caffe2 import _lacking
from fwconformance.frameworks.caffe2._nets import feed, fresh, held
from fwconformance.frameworks.caffe2._translated import CaffeConversionPiece


def _fed(scope: str, values: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in values.items():
        feed(f"{scope}/{name}", np.asarray(value, "float32"))
    return {name: core.BlobReference(f"{scope}/{name}") for name in values}


def scale_shift(net: Any, x: Any, scale: Any, shift: Any) -> Any:
    """The user's own layer: operators put together, their parameters created by the model."""
    straight = net.Mul([x, scale], net.NextName(), broadcast=1)
    bent = net.Mul([net.Tanh(x, net.NextName()), shift], net.NextName(), broadcast=1)
    return net.Add([straight, bent], net.NextName())


class CustomLayerPiece:
    """A helper function over a ModelHelper, as brew's own are."""

    def forward(self, weights: Mapping[str, Any], inputs: Any) -> Any:
        blobs = _fed(fresh("own"), {"x": inputs, **weights})
        net = core.Net(fresh("custom_layer"))
        top = scale_shift(net, blobs["x"], blobs["scale"], blobs["shift"])
        workspace.RunNetOnce(net)
        return held(top)

    def train(self, weights: Mapping[str, Any], batches: Sequence[tuple[Any, Any]], rate: float) -> Mapping[str, Any]:
        scope = fresh("own")
        with core.NameScope(scope):
            helper = ModelHelper(name=scope, init_params=False)
            blobs = _fed(scope, weights)
            for reference in blobs.values():
                helper.AddParameter(reference)
            x, t = core.ScopedBlobReference("x"), core.ScopedBlobReference("t")
            top = scale_shift(helper.net, x, blobs["scale"], blobs["shift"])
            loss = helper.net.AveragedLoss(helper.net.Sqr(helper.net.Sub([top, t], "apart"), "squares"), "loss")
            helper.AddGradientOperators([loss])
            optimizer.build_sgd(helper, base_learning_rate=rate)
        workspace.RunNetOnce(helper.param_init_net)
        _fed(scope, {"x": batches[0][0], "t": batches[0][1]})
        workspace.CreateNet(helper.net)
        for inputs, targets in batches:
            _fed(scope, {"x": inputs, "t": targets})
            workspace.RunNet(helper.net.Proto().name)
        return {name: held(reference) for name, reference in blobs.items()}


def square(inputs: Any, outputs: Any) -> None:
    outputs[0].feed(inputs[0].data ** 2)


def wrong_slope(inputs: Any, outputs: Any) -> None:
    """Inputs are those of the operator, its outputs, and the gradient of these."""
    x, _, upstream = inputs
    outputs[0].feed(upstream.data * 7 * x.data)


class CustomGradientPiece:
    """An operator in Python with a gradient in Python."""

    def value_and_gradient(self, inputs: Any) -> tuple[Any, Any]:
        blobs = _fed(fresh("own"), {"x": inputs})
        net = core.Net(fresh("custom_gradient"))
        squares = net.Python(square, wrong_slope)([blobs["x"]], net.NextName())
        total = net.SumElements(squares, net.NextName())
        slopes = net.AddGradientOperators([total])
        workspace.RunNetOnce(net)
        return held(total), held(slopes[str(blobs["x"])])


class CustomLoopPiece:
    """The net of the pass and its gradients, and an update net of one's own."""

    def train(self, model: Any, batches: Sequence[tuple[Any, Any]], rate: float) -> Sequence[Any]:
        plan, net = model.net(training=True, loss=neutral.Loss(kind="cross-entropy"))
        update, losses = core.Net(fresh("sign_descent")), []
        for parameter, slope in plan.helper.param_to_grad.items():
            step = update.Scale(update.Sign(slope, update.NextName()), update.NextName(), scale=float(rate))
            update.Sub([parameter, step], parameter)
        workspace.CreateNet(update)
        for inputs, targets in batches:
            model.feed(plan, inputs, None, targets)
            workspace.RunNet(net)
            losses.append(held(plan.loss))
            workspace.RunNet(update.Proto().name)
        return losses


class LowLevelPiece:
    """Operators in a core.Net, no ModelHelper and no brew."""

    def two_layer(self, weights: Mapping[str, Any], inputs: Any, targets: Any) -> tuple[Any, Mapping[str, Any]]:
        blobs = _fed(fresh("low"), {**weights, "x": inputs, "t": targets})
        net = core.Net(fresh("low_level"))
        hidden = net.Tanh(net.Add([net.MatMul([blobs["x"], blobs["w1"]], 1), blobs["b1"]], 1, broadcast=1), 1)
        apart = net.Sub([net.MatMul([hidden, blobs["w2"]], 1), blobs["t"]], 1)
        loss = net.AveragedLoss(net.Sqr(apart, 1), 1)
        slopes = net.AddGradientOperators([loss])
        workspace.RunNetOnce(net)
        return held(loss), {name: held(slopes[str(blobs[name])]) for name in weights}


class SymbolicPiece:
    """A net is declared, created, fed and run: Caffe2's only way."""

    def two_layer(self, weights: Mapping[str, Any], inputs: Any) -> Any:
        scope, net = fresh("symbolic"), core.Net(fresh("symbolic"))
        x, w1, b1, w2 = (core.BlobReference(f"{scope}/{name}") for name in ("x", "w1", "b1", "w2"))
        top = net.MatMul([net.Tanh(net.Add([net.MatMul([x, w1], 1), b1], 1, broadcast=1), 1), w2], 1)
        _fed(scope, {**weights, "x": inputs})
        workspace.CreateNet(net)
        workspace.RunNet(net.Proto().name)
        return held(top)


class CarriedPiece:
    """Caffe2 by what PyTorch's distribution carries; here that is the framework itself."""

    def train(
        self, weights: Mapping[str, Any], batches: Sequence[tuple[Any, Any]], rate: float, inputs: Any
    ) -> Mapping[str, Any]:
        from fwconformance.frameworks._network import SGD, Activation, Dense, Loss, Network
        from fwconformance.frameworks.caffe2._model import Caffe2Model
        from fwconformance.frameworks.caffe2._training import NetTrainer

        (features, hidden), units = np.shape(weights["0.kernel"]), np.shape(weights["2.kernel"])[1]
        layers = (Dense(units=hidden), Activation(kind="tanh"), Dense(units=units))
        model = Caffe2Model(Network(layers=layers, input_shape=(features,)), weights)
        trainer = NetTrainer(model, Loss(kind="mse"), SGD(rate=rate))
        losses = [trainer.step(*batch) for batch in batches]
        return {"losses": losses, "weights": model.weights(), "outputs": model.forward(inputs)}


_PIECES: Mapping[str, Callable[[], Any]] = {
    "custom-layer": CustomLayerPiece,
    "custom-gradient": CustomGradientPiece,
    "custom-loop": CustomLoopPiece,
    "low-level": LowLevelPiece,
    "symbolic": SymbolicPiece,
    "caffe2": CarriedPiece,
    "caffe-conversion": CaffeConversionPiece,
}

#: Pieces in modules of their own, imported when asked for: what they import is large.
_MODULES: Mapping[str, tuple[str, str]] = {
    "speed": ("_speed", "Speed"),
    "costs": ("_costs", "Costs"),
    "serving": ("_serving", "ServingPiece"),
    "preprocessing": ("_preprocessing", "PreprocessingPiece"),
    "data-files": ("_data_files", "DataFilesPiece"),
    "definition": ("_definition", "DefinitionPiece"),
    "higher-order": ("_extend", "HigherOrderPiece"),
    "custom-operator": ("_extend", "CustomOperatorPiece"),
    "operators": ("_operators", "piece"),
}


def piece(name: str) -> Any:
    """Raises NotAdapted for a piece that this adapter does not offer, `Unsupported` for what Caffe2 lacks."""
    if name in _lacking.NAMES:
        _lacking.piece(name)
    if name in _MODULES:
        module, made = _MODULES[name]
        return getattr(importlib.import_module(f"{__package__}.{module}"), made)()
    if name not in _PIECES:
        raise NotAdapted(f"the Caffe2 adapter does not offer the piece {name!r} yet")
    return _PIECES[name]()
