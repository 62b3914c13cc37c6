# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Images by caffe.io.Transformer, records in HDF5 by Caffe's layers, and networks as prototxt."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, Sequence

import caffe
import caffe.io
import numpy as np
from caffe import layers as L  # noqa: N812  # as all of Caffe's documentation has it
from caffe.proto import caffe_pb2
from google.protobuf import text_format

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.caffe._model import CaffeModel
from fwconformance.frameworks.caffe._nets import held, load, written
from fwconformance.frameworks.caffe._training import solver_of

_LAYERS = "fwconformance.frameworks.caffe._python_layers"
#: Of `caffe.io.oversample`'s ten crops: four corners, the centre, and the mirror image of each.
_CENTRE, _CROPS = 4, 10
#: Names the files of a folder for the layer HDF5Data.
_LIST = "records.txt"


class PreprocessingPiece:
    """caffe.io.oversample crops, caffe.io.Transformer does the rest, as caffe.Classifier uses them."""

    def batch(self, images: Any, mean: Any, scale: float, height: int, width: int) -> Any:
        shape = (len(images), 3, height, width)
        spec = caffe.NetSpec()
        spec.data = L.Input(shape={"dim": list(shape)})
        spec.outputs = L.Split(spec.data, ntop=1)
        net = load(spec)
        transformer = caffe.io.Transformer({"data": shape})
        transformer.set_transpose("data", (2, 0, 1))
        transformer.set_channel_swap("data", (2, 1, 0))
        transformer.set_mean("data", mean)
        transformer.set_input_scale("data", scale)
        if images.shape[1:3] != (height, width):
            images = caffe.io.oversample(images, (height, width))[_CENTRE::_CROPS]
        net.blobs["data"].data[...] = [transformer.preprocess("data", image) for image in images]
        net.forward()
        return held({"outputs": net.blobs["outputs"].data})["outputs"]


class DataFilesPiece:
    """The layer HDF5Output writes, the layer HDF5Data reads the files that a list names."""

    def write(self, folder: str, images: Any, labels: Any, files: int) -> None:
        paths = []
        parts = zip(np.array_split(images, files), np.array_split(labels, files))
        for number, (some, theirs) in enumerate(parts):
            paths.append(str(pathlib.Path(folder, f"records-{number:03d}.h5")))
            spec = caffe.NetSpec()
            spec.data = L.Input(shape={"dim": list(some.shape)})
            spec.label = L.Input(shape={"dim": [len(some), 1, 1, 1]})
            spec.written = L.HDF5Output(spec.data, spec.label, file_name=paths[-1], ntop=0)
            net = load(spec)
            net.blobs["data"].data[...] = some
            net.blobs["label"].data[...] = theirs.reshape(-1, 1, 1, 1)
            net.forward()
            # The file is closed by the layer's destructor.
            del net
        pathlib.Path(folder, _LIST).write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")

    def read(
        self, folder: str, batch: int, count: int, *, shuffle: bool = False, seed: int = 0
    ) -> Sequence[tuple[Any, Any]]:
        caffe.set_random_seed(seed)
        spec = caffe.NetSpec()
        spec.data, spec.label = from_files(folder, batch, shuffle=shuffle)
        net = load(spec)
        found = []
        for _ in range(count):
            net.forward()
            blobs = held({"data": net.blobs["data"].data, "label": net.blobs["label"].data})
            found.append((blobs["data"], blobs["label"]))
        return found

    def train(self, folder: str, training: Training, batch: int, steps: int) -> Mapping[str, Any]:
        """The reader stands in the network that the solver trains: nothing passes through Python."""
        model = CaffeModel(training.network, training.weights)
        whole = network_from_files(model, folder, batch)
        solver = solver_of(_Declared(whole), training.optimizer)
        model.copy(model.master, solver.net)
        solver.step(steps)
        model.copy(solver.net, model.master)
        return model.weights()


def network_from_files(model: CaffeModel, folder: str, batch: int) -> Any:
    """The NetParameter of `model` between the layer that reads the records in `folder` and a cross-entropy."""
    sizes = [size for size in model.network.input_shape if size is not None]
    message = model.plan_for((batch, *sizes)).spec.to_proto()
    reader = caffe.NetSpec()
    reader.data, reader.label = from_files(folder, batch)
    loss = caffe_pb2.LayerParameter(name="loss", type="SoftmaxWithLoss", bottom=["outputs", "label"], top=["loss"])
    loss.loss_param.normalization = caffe_pb2.LossParameter.FULL
    whole = caffe_pb2.NetParameter()
    whole.layer.extend(reader.to_proto().layer)
    whole.layer.extend(layer for layer in message.layer if layer.type != "Input")
    whole.layer.extend([loss])
    return whole


def from_files(folder: str, batch: int, *, shuffle: bool = False) -> Any:
    """Tops of a layer that reads the records in `folder`: (images, labels)."""
    return L.HDF5Data(source=str(pathlib.Path(folder, _LIST)), batch_size=batch, shuffle=shuffle, ntop=2)


class _Declared:
    """A message where a NetSpec is asked for."""

    def __init__(self, message: Any) -> None:
        self._message = message

    def to_proto(self) -> Any:
        return self._message


class DefinitionPiece:
    """Prototxt, the format that Caffe's networks are published in."""

    def write(self, network: neutral.Network) -> str:
        return str(CaffeModel(network, None).plan.spec.to_proto())

    def forward(self, text: str, weights: Mapping[str, Any], inputs: Any) -> Any:
        with written(text) as path:
            net = caffe.Net(path, caffe.TEST)
        self._fill(net, weights)
        net.blobs["data"].reshape(*inputs.shape)
        net.blobs["data"].data[...] = inputs
        net.forward()
        return held({"outputs": net.blobs["outputs"].data})["outputs"]

    def train(
        self, text: str, weights: Mapping[str, Any], batches: Sequence[tuple[Any, Any]], rate: float
    ) -> Mapping[str, Any]:
        first = batches[0][1]
        message = caffe_pb2.NetParameter()
        # EuclideanLoss halves the sum of an example's squares: with this weight it is the mean over all values.
        text_format.Parse(text + _LOSS % (*first.shape, 2.0 / first.shape[1]), message)
        message.layer[0].input_param.shape[0].dim[0] = len(first)
        solver = solver_of(_Declared(message), neutral.SGD(rate=rate))
        self._fill(solver.net, weights)
        for inputs, targets in batches:
            solver.net.blobs["data"].data[...] = inputs
            solver.net.blobs["targets"].data[...] = targets
            solver.step(1)
        return held({name: np.reshape(_blob(solver.net, name).data, np.shape(weights[name])) for name in weights})

    def own_layer(self, weights: Mapping[str, Any], inputs: Any) -> tuple[str, Any]:
        text = _OWN % (*inputs.shape, _LAYERS)
        with written(text) as path:
            net = caffe.Net(path, caffe.TEST)
        for blob, name in zip(net.params["own"], ("scale", "shift")):
            blob.data[...] = weights[name]
        net.blobs["data"].data[...] = inputs
        net.forward()
        return text, held({"own": net.blobs["own"].data})["own"]

    @staticmethod
    def _fill(net: Any, weights: Mapping[str, Any]) -> None:
        for name, value in weights.items():
            blob = _blob(net, name)
            blob.data[...] = np.reshape(value, tuple(blob.shape))


def _blob(net: Any, name: str) -> Any:
    index, role = name.split(".")
    return net.params[f"layer{index}"][("kernel", "bias").index(role)]


_LOSS = """
layer { name: "targets" type: "Input" top: "targets" input_param { shape { dim: %d dim: %d } } }
layer { name: "loss" type: "EuclideanLoss" bottom: "outputs" bottom: "targets" top: "loss" loss_weight: %.9g }
"""
_OWN = """
name: "a layer of one's own"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: %d dim: %d } } }
layer { name: "own" type: "Python" bottom: "data" top: "own" python_param { module: "%s" layer: "ScaleShift" } }
"""
