# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What Caffe's users wait for beside the work: its layer HDF5Data, and a deploy prototxt with a caffemodel."""

from __future__ import annotations

from typing import Any, Callable, Iterator, Mapping

import caffe

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._costs import Readings
from fwconformance.frameworks._pieces_costs import Pass
from fwconformance.frameworks.caffe._nets import held, load
from fwconformance.frameworks.caffe._serving import ServingPiece
from fwconformance.frameworks.caffe._speed import Speed
from fwconformance.frameworks.caffe._vision import DataFilesPiece, from_files


class Costs(Readings):
    """See `fwconformance.frameworks._pieces_costs.Costs`. No layer of Caffe's loads arrays that Python has."""

    loader = "the layer HDF5Data over one file, which it keeps in memory"
    saved = "a deploy prototxt and Net.save, read by caffe.Net"

    def __init__(self) -> None:
        super().__init__(Speed)
        self._files = ServingPiece()

    def passes(self, folder: str, inputs: Any, targets: Any, batch: int, *, shuffle: bool, seed: int) -> Pass:
        DataFilesPiece().write(folder, inputs, targets, 1)
        caffe.set_random_seed(seed)
        spec = caffe.NetSpec()
        spec.data, spec.label = from_files(folder, batch, shuffle=shuffle)
        net = load(spec)
        data, label = net.blobs["data"], net.blobs["label"]

        def batches() -> Iterator[tuple[Any, Any]]:
            for _ in range(len(inputs) // batch):
                net.forward()
                yield data, label

        return batches

    def keep(self, inputs: Any, targets: Any) -> tuple[Any, Any]:
        blobs = held({"inputs": inputs.data, "targets": targets.data.reshape(-1)})
        return blobs["inputs"], blobs["targets"]

    def save(self, model: Any, inputs: Any, folder: str) -> Mapping[str, str]:
        return self._files.save(model, inputs, folder)

    def load(self, folder: str, described: Mapping[str, str], network: neutral.Network) -> Callable[[Any], Any]:
        return self._files.load(folder, described)
