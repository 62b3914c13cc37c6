# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Faults planted in what writes MXNet's exports."""

from __future__ import annotations

import functools
import json
import pathlib
from typing import Any, Callable, ContextManager, Sequence

import mxnet
from mxnet import gluon

from fwconformance.frameworks._export_faults import quantising_nothing
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.mxnet._export import SymbolParams

_ROWS = 3


def _planting(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    return lambda: replaced(owner, name, make)


def _onnx_writer(make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    # Looked up when planted: it came with 1.9.
    return lambda: replaced(mxnet.onnx, "export_model", make)


def _rewriting(change: Callable[[pathlib.Path], None]) -> Callable[[Any], Any]:
    """`change` rewrites the graph's file once it is written."""

    def make(original: Any) -> Any:
        @functools.wraps(original)
        def export(self: Any, path: str, *rest: Any, **named: Any) -> Any:
            written = original(self, path, *rest, **named)
            change(pathlib.Path(f"{path}-symbol.json"))
            return written

        return export

    return make


def _of_one_size(path: pathlib.Path) -> None:
    symbol = mxnet.sym.load(str(path))
    rows = mxnet.sym.slice_axis(mxnet.sym.var("data"), axis=0, begin=0, end=_ROWS)
    symbol(data=rows).save(str(path))


def _dropping(path: pathlib.Path) -> None:
    graph = json.loads(path.read_text("utf-8"))
    for node in graph["nodes"]:
        if node["op"] == "Dropout":
            node["attrs"]["mode"] = "always"
    path.write_text(json.dumps(graph), encoding="utf-8")


def _last_bias_zero(arrays: dict[str, Any]) -> dict[str, Any]:
    last = [name for name in arrays if "dense" in name and name.endswith("bias")][-1]
    return {**arrays, last: arrays[last].zeros_like()}


def _saved_without_bias(original: Any) -> Any:
    @functools.wraps(original)
    def save(file: str, data: Any) -> Any:
        return original(file, _last_bias_zero(data))

    return save


def _converted_without_bias(original: Any) -> Any:
    @functools.wraps(original)
    def export_model(symbol: Any, params: Any, *rest: Any, **named: Any) -> Any:
        parameters, states = params
        return original(symbol, [_last_bias_zero(parameters), states], *rest, **named)

    return export_model


def _converted_at_one_size(original: Any) -> Any:
    @functools.wraps(original)
    def export_model(*arguments: Any, **named: Any) -> Any:
        return original(*arguments, **{**named, "dynamic": False, "dynamic_input_shapes": None})

    return export_model


def _converted_without_statistics(original: Any) -> Any:
    @functools.wraps(original)
    def export_model(symbol: Any, params: Any, *rest: Any, **named: Any) -> Any:
        parameters, states = params
        forgotten = {
            name: value.ones_like() if name.endswith("var") else value.zeros_like() for name, value in states.items()
        }
        return original(symbol, [parameters, forgotten], *rest, **named)

    return export_model


EXPORT_SABOTAGES: Sequence[Sabotage] = (
    quantising_nothing("symbol-params", SymbolParams),
    Sabotage(
        name="symbol-params-bakes-in-the-batch",
        kills="export.symbol-params",
        case="dynamic-batch",
        apply=_planting(gluon.HybridBlock, "export", _rewriting(_of_one_size)),
        description="HybridBlock.export writes a graph that takes as many rows of its input as the example had.",
    ),
    Sabotage(
        name="symbol-params-drops-a-bias",
        kills="export.symbol-params",
        case="convolutional",
        apply=_planting(mxnet.nd, "save", _saved_without_bias),
        description="mx.nd.save, which HybridBlock.export calls, writes the last bias as zero.",
    ),
    Sabotage(
        name="symbol-params-drops-out",
        kills="export.symbol-params",
        case="convolutional",
        apply=_planting(gluon.HybridBlock, "export", _rewriting(_dropping)),
        description="HybridBlock.export writes dropout as it is in training.",
    ),
    Sabotage(
        name="onnx-bakes-in-the-batch",
        kills="export.onnx",
        case="dynamic-batch",
        apply=_onnx_writer(_converted_at_one_size),
        description="mx.onnx.export_model ignores `dynamic`.",
    ),
    Sabotage(
        name="onnx-drops-a-bias",
        kills="export.onnx",
        case="convolutional",
        apply=_onnx_writer(_converted_without_bias),
        description="mx.onnx.export_model writes the last bias as zero.",
    ),
    Sabotage(
        name="onnx-forgets-statistics",
        kills="export.onnx",
        case="convolutional",
        apply=_onnx_writer(_converted_without_statistics),
        description="mx.onnx.export_model writes batch normalisation without the statistics it was trained to.",
    ),
)
