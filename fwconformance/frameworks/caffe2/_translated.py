# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Networks of Caffe's Model Zoo, converted by caffe2.python.caffe_translator."""

from __future__ import annotations

import importlib
import logging
import sys
from pathlib import Path
from typing import Any

import numpy as np
from caffe2.python import core, utils, workspace
from google.protobuf import text_format

from fwconformance.frameworks._caffe_classes import importable
from fwconformance.frameworks._probes import Refusal, refuse
from fwconformance.frameworks.caffe2._nets import fresh, held

#: What the translator raises for what it knows not to convert.
_REFUSALS = (KeyError, NotImplementedError, ValueError, RuntimeError, AssertionError)


def translator() -> Any:
    """The module caffe2.python.caffe_translator, with Caffe's own classes of messages.

    Raises Unavailable where Caffe is neither installed here nor was built for this user.
    """
    name = "caffe2.python.caffe_translator"
    if name not in sys.modules:
        try:
            importlib.import_module(name)
        except ImportError as error:
            if str(error.name).partition(".")[0] != "caffe":
                raise
            with importable("caffe", "caffe.proto", "caffe.proto.caffe_pb2"):
                importlib.import_module(name)
        logging.getLogger("caffe_translator").setLevel(logging.WARNING)
    return sys.modules[name]


class CaffeConversionPiece:
    """See `fwconformance.frameworks._pieces_zoo.CaffeConversion`."""

    def forward(self, definition: str, weights: str, inputs: Any) -> Any:
        tool = translator()
        network, pretrained = tool.caffe_pb2.NetParameter(), tool.caffe_pb2.NetParameter()
        text_format.Merge(Path(definition).read_text(encoding="utf-8"), network)
        pretrained.ParseFromString(Path(weights).read_bytes())
        found: list[Any] = []

        def convert() -> None:
            found.append(tool.TranslateModel(network, pretrained, is_test=True))

        try:
            convert()
        except _REFUSALS as error:
            refuse(Refusal(call=convert, label="caffe_translator.TranslateModel", error=type(error)))
        net, parameters = found[0]
        scope = fresh("translated")
        # Its blobs are called as Caffe's are; those of another network may be too.
        for operator in net.op:
            for names in (operator.input, operator.output):
                names[:] = [f"{scope}/{each}" for each in names]
        for tensor in parameters.protos:
            workspace.FeedBlob(f"{scope}/{tensor.name}", utils.Caffe2TensorToNumpyArray(tensor))
        workspace.FeedBlob(f"{scope}/data", np.asarray(inputs, "float32"))
        net.name = scope
        workspace.RunNetOnce(core.Net(net))
        return held(net.op[-1].output[0])
