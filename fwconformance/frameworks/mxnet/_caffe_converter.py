# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Networks of Caffe's Model Zoo, converted by the tool caffe_converter that MXNet's wheel carries."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
import traceback
from pathlib import Path
from typing import Any

import mxnet

from fwconformance.frameworks._caffe_classes import importable
from fwconformance.frameworks._probes import Refusal, refuse
from fwconformance.frameworks._protocol import NotAdapted

_MODULES = ("caffe_parser", "convert_symbol", "convert_model")
#: What the tool raises for what it knows not to convert.
_REFUSALS = (ValueError, AssertionError, KeyError, IndexError, TypeError, AttributeError, NameError, mxnet.MXNetError)


def converter() -> Any:
    """The tool's module convert_model. Raises Unavailable where Caffe was not built for this user."""
    if "convert_model" not in sys.modules:
        folder = str(Path(mxnet.__file__).parent / "tools" / "caffe_converter")
        sys.path.insert(0, folder)
        try:
            # Without Caffe's Python beside it, the tool reads the files by the classes alone.
            with importable("caffe_pb2"):
                for name in _MODULES:
                    importlib.import_module(name)
        finally:
            sys.path.remove(folder)
    return sys.modules["convert_model"]


class CaffeConversionPiece:
    """See `fwconformance.frameworks._pieces_zoo.CaffeConversion`."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def forward(self, definition: str, weights: str, inputs: Any) -> Any:
        tool, found = converter(), []

        def convert() -> None:
            # It prints each layer.
            with contextlib.redirect_stdout(io.StringIO()):
                found.append(tool.convert_model(definition, weights))

        try:
            convert()
        except _REFUSALS as error:
            # Its assertions have no words: the line that refuses is what it says.
            where = traceback.extract_tb(error.__traceback__)[-1].line
            refuse(Refusal(call=convert, label=f"caffe_converter.convert_model, at `{where}`", error=type(error)))
        symbol, arguments, states, _ = found[0]
        executor = symbol.simple_bind(self._context, data=inputs.shape, grad_req="null")
        executor.copy_params_from(arguments, states, allow_extra_params=True)
        if inputs.shape[1] == 3:
            # The converted network takes red, green, blue, where Caffe's takes blue, green, red.
            inputs = inputs[:, ::-1].copy()
        return executor.forward(is_train=False, data=mxnet.nd.array(inputs, ctx=self._context))[0].copy()


def piece(name: str, context: Any) -> Any:
    """Raises NotAdapted for the other piece about Caffe's networks."""
    if name != "caffe-conversion":
        raise NotAdapted("the zoo's files are Caffe's: the MXNet adapter offers their conversion")
    return CaffeConversionPiece(context)
