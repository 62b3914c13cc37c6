# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Networks as the text of a NetDef, the protocol buffer that Caffe2's nets are."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy as np
from caffe2.proto import caffe2_pb2
from caffe2.python import core, optimizer, workspace
from caffe2.python.model_helper import ModelHelper
from google.protobuf import text_format

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks.caffe2._layers import Plan
from fwconformance.frameworks.caffe2._losses import add_loss
from fwconformance.frameworks.caffe2._nets import blob, feed, fresh, held, turned

#: Name scope of what is written; what is read gets one of its own.
_WRITTEN = "network"
_ROLES = ("kernel", "bias")


class DefinitionPiece:
    """Written by protobuf's text format, read by it, and run as any net is."""

    def write(self, network: neutral.Network) -> str:
        plan = Plan(network, _WRITTEN, training=False, init=False)
        message = caffe2_pb2.NetDef()
        message.CopyFrom(plan.helper.net.Proto())
        # A second net of one name in this process has a number behind it, which is no part of the network.
        message.name = _WRITTEN
        message.external_output[:] = [str(plan.outputs)]
        return text_format.MessageToString(message)

    def forward(self, text: str, weights: Mapping[str, Any], inputs: Any) -> Any:
        read = _Read(text)
        read.fill(weights)
        feed(read.data, np.asarray(inputs, "float32"))
        workspace.RunNetOnce(core.Net(read.message))
        return held(read.outputs)

    def train(
        self, text: str, weights: Mapping[str, Any], batches: Sequence[tuple[Any, Any]], rate: float
    ) -> Mapping[str, Any]:
        read = _Read(text)
        read.fill(weights)
        helper = ModelHelper(name=read.scope, init_params=False)
        helper.net.AppendNet(core.Net(read.message))
        for name in weights:
            helper.AddParameter(core.BlobReference(read.blob_of(name)))
        targets = f"{read.scope}/targets"
        with core.NameScope(read.scope):
            units = np.shape(batches[0][1])[-1]
            loss = add_loss(
                helper.net,
                neutral.Loss(kind="mse"),
                core.BlobReference(read.outputs),
                core.BlobReference(targets),
                units,
            )
            helper.AddGradientOperators([loss])
            optimizer.build_sgd(helper, base_learning_rate=rate)
        workspace.RunNetOnce(helper.param_init_net)
        for number, (inputs, wanted) in enumerate(batches):
            feed(read.data, np.asarray(inputs, "float32"))
            feed(targets, np.asarray(wanted, "float32"))
            if not number:
                workspace.CreateNet(helper.net)
            workspace.RunNet(helper.net.Proto().name)
        return {name: read.value(name) for name in weights}

    def own_layer(self, weights: Mapping[str, Any], inputs: Any) -> tuple[str, Any]:
        """Caffe2 calls a Python operator by the name that it registers the function under."""
        text = _OWN % core.C.register_python_op(scale_shift, False, fresh("own_layer"))
        read = _Read(text)
        for name, value in {**weights, "data": inputs}.items():
            feed(f"{read.scope}/{name}", np.asarray(value, "float32"))
        workspace.RunNetOnce(core.Net(read.message))
        return text, held(read.outputs)


def scale_shift(inputs: Any, outputs: Any) -> None:
    """``x * scale + tanh(x) * shift``, a layer of the user's own."""
    x, scale, shift = (each.data for each in inputs)
    outputs[0].feed(x * scale + np.tanh(x) * shift)


class _Read:
    """A definition, read; its blobs are below a scope of its own, so that two of one text keep apart."""

    def __init__(self, text: str) -> None:
        self.message = text_format.Parse(text, caffe2_pb2.NetDef())
        self.scope = fresh("defined")
        for names in (
            self.message.external_input,
            self.message.external_output,
            *(names for operator in self.message.op for names in (operator.input, operator.output)),
        ):
            names[:] = [f"{self.scope}/{name.rpartition('/')[2]}" for name in names]
        self.message.name = self.scope
        self.data = f"{self.scope}/data"
        (self.outputs,) = self.message.external_output
        self._layers = {operator.output[0].rpartition("/")[2]: operator for operator in self.message.op}

    def _layer(self, name: str) -> tuple[Any, int]:
        """(the operator that uses weight `name`, the number of the input that it is)."""
        index, role = name.split(".")
        return self._layers[f"layer{index}"], 1 + _ROLES.index(role)

    def blob_of(self, name: str) -> str:
        operator, number = self._layer(name)
        return operator.input[number]

    def _is_turned(self, name: str) -> bool:
        return self._layer(name)[0].type == "FC" and name.endswith(".kernel")

    def fill(self, weights: Mapping[str, Any]) -> None:
        for name, value in weights.items():
            array = np.asarray(value, "float32")
            feed(self.blob_of(name), np.ascontiguousarray(array.T if self._is_turned(name) else array))

    def value(self, name: str) -> Any:
        """The weight, in the neutral layout."""
        return blob(turned(self.blob_of(name))) if self._is_turned(name) else held(self.blob_of(name))


_OWN = """
name: "own"
op { input: "data" input: "scale" input: "shift" output: "outputs" type: "Python" arg { name: "token" s: "%s" } }
external_input: "data" external_input: "scale" external_input: "shift"
external_output: "outputs"
"""
