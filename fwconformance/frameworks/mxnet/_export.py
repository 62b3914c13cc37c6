# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Exports: MXNet's own pair of files, symbol and parameters, and what is made of them."""

from __future__ import annotations

import contextlib
import importlib.util
import pathlib
import warnings
from typing import Any, Iterator, Mapping

import mxnet
from mxnet import autograd

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.mxnet._arrays import to_array
from fwconformance.frameworks.mxnet._model import Stack

_NAME = "model"
_SYMBOL, _PARAMETERS = f"{_NAME}-symbol.json", f"{_NAME}-0000.params"
#: Of the operators that MXNet's last release writes; what it stamps is the newest that the onnx package knows.
_OPSET = 13


class SymbolParams:
    """HybridBlock.export: the graph of a hybridized block, and its parameters."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def export(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        """See `Exporter.export`."""
        _write(_hybridized(model), model.take(inputs), folder)
        return Artifact(file=_SYMBOL, entry=_PARAMETERS).to_json()

    def export_quantized(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        """See `QuantizedExporter.export_quantized`. Convolutions and dense layers, calibrated by smallest and largest
        values.
        """
        data = mxnet.io.NDArrayIter({"data": _host(inputs)}, batch_size=len(inputs))
        with _quiet():
            block = mxnet.contrib.quantization.quantize_net_v2(
                _hybridized(model), quantized_dtype="auto", calib_data=data, calib_mode="naive", ctx=mxnet.cpu()
            )
            block.hybridize()
            _write(block, _host(inputs), folder)
        return Artifact(file=_SYMBOL, entry=_PARAMETERS).to_json()


class Onnx:
    """mx.onnx.export_model, from the two files."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def export(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        """See `Exporter.export`. Raises Unavailable where the onnx package is not installed."""
        if importlib.util.find_spec("onnx") is None:
            raise Unavailable("onnx is not installed beside MXNet: install onnx, 1.14.1 to 1.18.0")
        import onnx

        _write(_hybridized(model), model.take(inputs), folder)
        path = pathlib.Path(folder)
        symbol, parameters, states = mxnet.model.load_checkpoint(str(path / _NAME), 0)
        target = path / f"{_NAME}.onnx"
        with _quiet():
            mxnet.onnx.export_model(
                symbol,
                [parameters, states],
                in_shapes=[inputs.shape],
                in_types=[inputs.dtype],
                onnx_file_path=str(target),
                dynamic=True,
                dynamic_input_shapes=[(None, *inputs.shape[1:])],
            )
        written = onnx.load(str(target))
        written.opset_import[0].version = _OPSET
        onnx.save(written, str(target))
        return Artifact(file=target.name).to_json()


def _hybridized(model: Any) -> Any:
    """A block of its own over the model's parameters, so that the model stays as it is."""
    twin = Stack(model.stack.network, prefix=model.stack.prefix, params=model.stack.collect_params())
    twin.hybridize()
    return twin


def _write(block: Any, inputs: Any, folder: str) -> None:
    with autograd.predict_mode():
        block(inputs).wait_to_read()
    block.export(str(pathlib.Path(folder) / _NAME))


def _host(inputs: Any) -> Any:
    return to_array(inputs, mxnet.cpu(), "float32")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the names that NumPy has deprecated since, which would end it where warnings are errors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


_EXPORTERS: Mapping[str, Any] = {"export-symbol-params": SymbolParams, "export-onnx": Onnx}


def lacking(name: str, root: Any = mxnet) -> Lookup:
    """Looks for a writer of the format of the piece `name` where MXNet keeps such things."""
    plain = name.replace("export-", "", 1).replace("-", "_")
    places = ("", "contrib.", "gluon.HybridBlock.export_", "sym.Symbol.export_")
    return Lookup(root=root, label="MXNet", names=tuple(place + plain for place in places))


def piece(name: str, context: Any) -> Any:
    """The exporter `name`. Raises `Unsupported` for a format that MXNet has no writer of."""
    if name not in _EXPORTERS:
        refuse(lacking(name))
    return _EXPORTERS[name](context)
