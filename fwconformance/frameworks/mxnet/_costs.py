# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What MXNet's users wait for beside the work: Gluon's DataLoader, and symbol and parameters in files."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping

import mxnet
from mxnet import gluon

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._costs import Readings
from fwconformance.frameworks._pieces_costs import Pass
from fwconformance.frameworks.mxnet._arrays import quietly
from fwconformance.frameworks.mxnet._serving import ServingPiece
from fwconformance.frameworks.mxnet._speed import Speed


class Costs(Readings):
    """See `fwconformance.frameworks._pieces_costs.Costs`."""

    loader = "mxnet.gluon.data.DataLoader over an ArrayDataset, in this process"
    saved = "HybridBlock.export and SymbolBlock.imports"

    def __init__(self, context: Any) -> None:
        super().__init__(lambda: Speed(context))
        self._context = context
        self._files = ServingPiece(context)

    def passes(self, folder: str, inputs: Any, targets: Any, batch: int, *, shuffle: bool, seed: int) -> Pass:
        records = gluon.data.ArrayDataset(inputs, targets)
        if shuffle:
            # Its sampler draws by NumPy's generator.
            import numpy as np

            np.random.seed(seed)  # noqa: NPY002
        loader = gluon.data.DataLoader(records, batch_size=batch, shuffle=shuffle)
        context = self._context

        def batches() -> Iterator[tuple[Any, Any]]:
            with quietly():
                for x, wanted in loader:
                    yield x.as_in_context(context), wanted.as_in_context(context)

        return batches

    def keep(self, inputs: Any, targets: Any) -> tuple[Any, Any]:
        return inputs, targets.astype("float32")

    def settle(self) -> None:
        mxnet.nd.waitall()

    def save(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        return self._files.save(model, inputs, folder)

    def load(self, folder: str, described: Mapping[str, str], network: neutral.Network) -> Callable[[Any], Any]:
        return self._files.load(folder, described)


def piece(name: str, context: Any) -> Costs:
    """The piece "costs"."""
    return Costs(context)
