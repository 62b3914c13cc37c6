# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What Caffe2's users wait for beside the work: readers in the net, and the pair of nets that its exporter writes."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping

from caffe2.python import core, workspace

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._costs import Readings
from fwconformance.frameworks._pieces_costs import Pass
from fwconformance.frameworks.caffe2._data_files import DataFilesPiece, from_files
from fwconformance.frameworks.caffe2._nets import blob, fresh, held
from fwconformance.frameworks.caffe2._serving import ServingPiece
from fwconformance.frameworks.caffe2._speed import Speed


class Costs(Readings):
    """See `fwconformance.frameworks._pieces_costs.Costs`."""

    loader = "the operator TensorProtosDBInput over a database of one file; shuffled, a Dataset in memory"
    saved = "mobile_exporter.Export and workspace.Predictor"

    def __init__(self) -> None:
        super().__init__(Speed)
        self._files = ServingPiece()

    def passes(self, folder: str, inputs: Any, targets: Any, batch: int, *, shuffle: bool, seed: int) -> Pass:
        DataFilesPiece().write(folder, inputs, targets, 1)
        net = core.Net(fresh("loader"))
        x, wanted = from_files(net, folder, batch, shuffle=shuffle, seed=seed)
        workspace.CreateNet(net)
        name = net.Proto().name

        def batches() -> Iterator[tuple[Any, Any]]:
            for _ in range(len(inputs) // batch):
                workspace.RunNet(name)
                yield x, wanted

        return batches

    def keep(self, inputs: Any, targets: Any) -> tuple[Any, Any]:
        as_float = fresh("kept")
        workspace.RunOperatorOnce(core.CreateOperator("Cast", [targets], [as_float], to=core.DataType.FLOAT))
        return held(inputs), blob(as_float)

    def save(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        return self._files.save(model, inputs, folder)

    def load(self, folder: str, described: Mapping[str, str], network: neutral.Network) -> Callable[[Any], Any]:
        return self._files.load(folder, described)
