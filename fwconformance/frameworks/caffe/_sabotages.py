# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in the real Caffe: each names the capability that must turn red, whatever this adapter does."""

from __future__ import annotations

import contextlib
import functools
from typing import Any, Callable, ContextManager, Iterator, Sequence

import caffe
import caffe.io
import numpy as np

from fwconformance.frameworks._costs_faults import costs_sabotages
from fwconformance.frameworks._idiomatic_faults import usability_sabotages
from fwconformance.frameworks._litserve_faults import IN_LITSERVE
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.caffe._sabotages_bindings import BINDING_SABOTAGES


def _replacing(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        with replaced(owner, name, make):
            yield

    return apply


def _declared(change: Callable[[Any], None]) -> Callable[[], ContextManager[None]]:
    """Every layer of every net that is declared passes through `change`: another layer than the one asked for runs."""

    def make(original: Any) -> Any:
        @functools.wraps(original)
        def to_proto(self: Any) -> Any:
            message = original(self)
            for layer in message.layer:
                change(layer)
            return message

        return to_proto

    return _replacing(caffe.NetSpec, "to_proto", make)


def _statistics_of_inference(layer: Any) -> None:
    if layer.type == "BatchNorm":
        layer.batch_norm_param.use_global_stats = True


def _never_dropping(layer: Any) -> None:
    if layer.type == "Dropout":
        layer.dropout_param.dropout_ratio = 0.0


def _doubling(layer: Any) -> None:
    if layer.type == "Power":
        layer.power_param.scale *= 2


def _forward_scaled(type_name: str) -> Callable[[], ContextManager[None]]:
    """After a pass, the outputs of nets with a layer of that type are doubled."""

    def make(original: Any) -> Any:
        @functools.wraps(original)
        def forward(self: Any, *rest: Any, **named: Any) -> Any:
            found = original(self, *rest, **named)
            if any(layer.type == type_name for layer in self.layers):
                for name in self.outputs:
                    self.blobs[name].data[...] *= 2
            return found

        return forward

    return _replacing(caffe.Net, "forward", make)


def _does_nothing(original: Any) -> Any:
    def method(*rest: Any, **named: Any) -> None:
        return None

    return method


def _shuffling(original: Any) -> Any:
    @functools.wraps(original)
    def copy_from(self: Any, *rest: Any, **named: Any) -> None:
        original(self, *rest, **named)
        rng = np.random.default_rng(0)
        for blobs in self.params.values():
            for blob in blobs:
                blob.data[...] = rng.permutation(blob.data.reshape(-1)).reshape(blob.data.shape)

    return copy_from


def _once(original: Any) -> Any:
    seen: set[int] = set()

    @functools.wraps(original)
    def forward(self: Any, *rest: Any, **named: Any) -> Any:
        if id(self) in seen:
            return None
        seen.add(id(self))
        return original(self, *rest, **named)

    return forward


def _deaf(original: Any) -> Any:
    def seed(number: int) -> Any:
        return original(0)

    return seed


SABOTAGES: Sequence[Sabotage] = (
    Sabotage(
        name="inner-product-doubles",
        kills="layers.dense",
        case="forward",
        apply=_forward_scaled("InnerProduct"),
        description="What a net with an InnerProduct layer gives is doubled.",
    ),
    Sabotage(
        name="batch-norm-uses-running-statistics",
        kills="layers.batch-norm",
        case="training",
        apply=_declared(_statistics_of_inference),
        description="BatchNorm uses its running statistics in training too.",
    ),
    Sabotage(
        name="dropout-drops-nothing",
        kills="layers.dropout",
        case="rate",
        apply=_declared(_never_dropping),
        description="Dropout drops with probability 0.",
    ),
    Sabotage(
        name="loss-doubled",
        kills="losses.regression",
        case="mse",
        apply=_declared(_doubling),
        description="The Power layer after EuclideanLoss takes twice its scale.",
    ),
    Sabotage(
        name="lstm-doubles",
        kills="rnn.lstm",
        case="forward",
        apply=_forward_scaled("LSTM"),
        description="What a net with an LSTM layer gives is doubled.",
    ),
    Sabotage(
        name="seed-ignored",
        kills="train.reproducible",
        case="other-seed-differs",
        apply=_replacing(caffe, "set_random_seed", _deaf),
        description="caffe.set_random_seed always seeds with 0.",
    ),
    Sabotage(
        name="solver-does-not-step",
        kills="train.sgd",
        case="momentum",
        apply=_replacing(caffe.SGDSolver, "step", _does_nothing),
        description="The solver SGD's step does nothing.",
    ),
    Sabotage(
        name="restore-reads-nothing",
        kills="train.checkpoint",
        case="resume-equals-uninterrupted",
        apply=_replacing(caffe.SGDSolver, "restore", _does_nothing),
        description="The solver SGD's restore reads nothing.",
    ),
    Sabotage(
        name="custom-layer-not-stepped",
        kills="extend.custom-layer",
        case="trains",
        apply=_replacing(caffe.SGDSolver, "step", _does_nothing),
        description="The solver SGD's step does nothing.",
    ),
    Sabotage(
        name="backward-does-nothing",
        kills="extend.custom-gradient",
        case="wrong-on-purpose",
        apply=_replacing(caffe.Net, "backward", _does_nothing),
        description="Net.backward does nothing.",
    ),
    Sabotage(
        name="own-layer-doubles",
        kills="extend.custom-operator",
        case="forward",
        apply=_forward_scaled("TamedCube"),
        description="What a net with the user's own layer gives is doubled.",
    ),
    Sabotage(
        name="absolute-value-doubles",
        kills="operators.onnx-coverage",
        case="onnx-operator-set",
        apply=_forward_scaled("AbsVal"),
        description="What a net with an AbsVal layer gives is doubled.",
    ),
    Sabotage(
        name="declared-net-doubles",
        kills="modes.symbolic",
        case="agrees",
        apply=_forward_scaled("TanH"),
        description="What a net with a TanH layer gives is doubled.",
    ),
    Sabotage(
        name="tabular-not-trained",
        kills="tasks.tabular",
        case="trains",
        apply=_replacing(caffe.AdamSolver, "step", _does_nothing),
        description="The solver Adam's step does nothing.",
    ),
    Sabotage(
        name="timed-inner-product-doubles",
        kills="speed.smoke",
        case="forward",
        apply=_forward_scaled("InnerProduct"),
        description="What a net with an InnerProduct layer gives is doubled in the net that is timed.",
    ),
    Sabotage(
        name="channels-not-swapped",
        kills="vision.preprocessing",
        case="channels",
        apply=_replacing(caffe.io.Transformer, "set_channel_swap", _does_nothing),
        description="caffe.io.Transformer keeps the order of the channels.",
    ),
    Sabotage(
        name="records-never-change",
        kills="vision.data-layers",
        case="in-order",
        apply=_replacing(caffe.Net, "forward", _once),
        description="Net.forward works the first time, and does nothing from then on.",
    ),
    Sabotage(
        name="read-back-doubles",
        kills="vision.expressive-definition",
        case="read-back",
        apply=_forward_scaled("Convolution"),
        description="What a net with a Convolution layer gives is doubled.",
    ),
    Sabotage(
        name="pretrained-weights-shuffled",
        kills="ecosystem.caffe-model-zoo",
        case="scores",
        apply=_replacing(caffe.Net, "copy_from", _shuffling),
        description="Net.copy_from shuffles the values within each blob that it read.",
    ),
    Sabotage(
        name="pretrained-weights-not-read",
        kills="ecosystem.caffe-model-zoo",
        case="loads",
        apply=_replacing(caffe.Net, "copy_from", _does_nothing),
        description="Net.copy_from reads nothing: the weights stay as they were drawn.",
    ),
    Sabotage(
        name="pretrained-convolution-doubles",
        kills="ecosystem.caffe-model-zoo",
        case="features",
        apply=_forward_scaled("Convolution"),
        description="What a net with a Convolution layer gives is doubled.",
    ),
    *BINDING_SABOTAGES,
    *IN_LITSERVE,
    *costs_sabotages("caffe"),
    *usability_sabotages("caffe"),
)
