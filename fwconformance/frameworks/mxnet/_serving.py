# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What MXNet has served: symbol and parameters. The last release of its own Multi Model Server is of June 2023."""

from __future__ import annotations

import os
import warnings
from typing import Any, Callable, Mapping

from mxnet import autograd, gluon

from fwconformance.frameworks._pieces_export import Artifact
from fwconformance.frameworks.mxnet._arrays import to_array
from fwconformance.frameworks.mxnet._export import SymbolParams


class ServingPiece:
    """See `fwconformance.frameworks._pieces_serving.Serving`."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def save(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        return SymbolParams(self._context).export(model, inputs, folder)

    def load(self, folder: str, described: Mapping[str, str]) -> Callable[[Any], Any]:
        artifact = Artifact.from_json(described)
        symbol, parameters = (os.path.join(folder, name) for name in (artifact.file, artifact.entry))  # noqa: PTH118
        with warnings.catch_warnings():
            # Of names that NumPy has deprecated since.
            warnings.simplefilter("ignore")
            block = gluon.SymbolBlock.imports(symbol, ["data"], parameters, ctx=self._context)

        def predict(inputs: Any) -> Any:
            with autograd.predict_mode():
                outputs = block(to_array(inputs, self._context, "float32"))
            # What goes wrong in it is raised here, not where it is first read.
            outputs.wait_to_read()
            return outputs

        return predict


def piece(name: str, context: Any) -> Any:
    return ServingPiece(context)
