# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Networks of Caffe's Model Zoo, converted by caffe2.python.caffe_translator."""

from __future__ import annotations

import logging
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from caffe2.python import core, utils, workspace
from google.protobuf import text_format

from fwconformance._archive import cache_folder
from fwconformance.frameworks._probes import Refusal, refuse
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.caffe2._nets import fresh, held

#: What the translator imports of Caffe: PyTorch's wheel has not got it, the wheel that is built of Caffe has.
_CLASSES = "caffe/proto/caffe_pb2.py"
#: What the translator raises for what it knows not to convert.
_REFUSALS = (KeyError, NotImplementedError, ValueError, RuntimeError, AssertionError)


def translator() -> Any:
    """The module caffe2.python.caffe_translator, with Caffe's own classes of messages.

    Raises Unavailable where Caffe is neither installed here nor was built for this user.
    """
    name = "caffe2.python.caffe_translator"
    if name not in sys.modules:
        try:
            __import__(name)
        except ImportError as error:
            if not str(error.name).startswith("caffe.") and error.name != "caffe":
                raise
            _import_with(name, _kept_classes())
        logging.getLogger("caffe_translator").setLevel(logging.WARNING)
    return sys.modules[name]


def _kept_classes() -> str:
    kept = cache_folder()
    wheels = sorted((kept / "caffe").glob("*/caffe-1*.whl")) if kept else []
    for wheel in reversed(wheels):
        with zipfile.ZipFile(str(wheel)) as archive:
            if _CLASSES in archive.namelist():
                return archive.read(_CLASSES).decode("utf-8")
    raise Unavailable(
        "caffe_translator imports Caffe's own caffe.proto.caffe_pb2, which PyTorch does not carry: run "
        "`tox -e caffe-cpu` once, whose kept build has it"
    )


def _import_with(name: str, classes: str) -> None:
    """Import module `name` while there is a package caffe of `classes` alone."""
    made = {each: types.ModuleType(each) for each in ("caffe", "caffe.proto", "caffe.proto.caffe_pb2")}
    made["caffe"].__path__ = made["caffe.proto"].__path__ = []  # type: ignore[attr-defined]
    made["caffe.proto"].caffe_pb2 = made["caffe.proto.caffe_pb2"]  # type: ignore[attr-defined]
    before = {each: sys.modules[each] for each in made if each in sys.modules}
    sys.modules.update(made)
    try:
        exec(compile(classes, _CLASSES, "exec"), vars(made["caffe.proto.caffe_pb2"]))  # noqa: S102  # our own build
        __import__(name)
    finally:
        for each in made:
            del sys.modules[each]
        sys.modules.update(before)


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
