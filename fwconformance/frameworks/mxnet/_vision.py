# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Images by mx.image, records in RecordIO, and networks as a Symbol's JSON."""

from __future__ import annotations

import pathlib
from typing import Any, Mapping, Sequence

import mxnet
import numpy as np
from mxnet import autograd, gluon, image, nd, recordio

from fwconformance.frameworks import _network as neutral
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.mxnet._arrays import to_array
from fwconformance.frameworks.mxnet._losses import loss_block
from fwconformance.frameworks.mxnet._model import GluonModel
from fwconformance.frameworks.mxnet._training import optimizer_of


class _Piece:
    def __init__(self, context: Any) -> None:
        self._context = context

    def _take(self, values: Any) -> Any:
        return to_array(values, self._context, "float32")


class PreprocessingPiece(_Piece):
    """mx.image crops and takes the mean off; Gluon's normalisation has no order of channels to change."""

    def batch(self, images: Any, mean: Any, scale: float, height: int, width: int) -> Any:
        means, deviations = self._take(mean), self._take(np.full(3, 1 / scale))
        found = []
        for one in images:
            cut, _ = image.center_crop(nd.flip(self._take(one), axis=2), (width, height))
            found.append(nd.transpose(image.color_normalize(cut, means, deviations), axes=(2, 0, 1)))
        return nd.stack(*found, axis=0)


class _Joined(gluon.data.Dataset):
    """Several datasets, one after another: Gluon joins none itself."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self._places = [(part, index) for part in parts for index in range(len(part))]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Any:
        part, place = self._places[index]
        return part[place]


class DataFilesPiece(_Piece):
    """RecordIO: a record is packed with its label; RecordFileDataset reads it, DataLoader makes batches."""

    def write(self, folder: str, images: Any, labels: Any, files: int) -> None:
        pathlib.Path(folder, "shape.txt").write_text(" ".join(map(str, images.shape[1:])), encoding="utf-8")
        parts = zip(np.array_split(images, files), np.array_split(labels, files))
        for number, (some, theirs) in enumerate(parts):
            path = str(pathlib.Path(folder, f"records-{number:03d}"))
            writer = recordio.MXIndexedRecordIO(f"{path}.idx", f"{path}.rec", "w")
            for index, (one, label) in enumerate(zip(some, theirs)):
                header = recordio.IRHeader(0, float(label), index, 0)
                writer.write_idx(index, recordio.pack(header, one.astype("float32").tobytes()))
            writer.close()

    def read(
        self, folder: str, batch: int, count: int, *, shuffle: bool = False, seed: int = 0
    ) -> Sequence[tuple[Any, Any]]:
        # Gluon's sampler draws from NumPy's global generator.
        state = np.random.get_state()  # noqa: NPY002
        np.random.seed(seed)  # noqa: NPY002
        try:
            found = self._batches(folder, batch, count, shuffle=shuffle)
        finally:
            np.random.set_state(state)  # noqa: NPY002
        return [
            (images.as_in_context(self._context), labels.astype("float32").as_in_context(self._context))
            for images, labels in found
        ]

    def train(self, folder: str, training: Training, batch: int, steps: int) -> Mapping[str, Any]:
        model = GluonModel.build(training.network, training.weights, self._context)
        measure = loss_block(training.loss)
        trainer = gluon.Trainer(model.stack.collect_params(), *optimizer_of(training.optimizer))
        for images, labels in self._batches(folder, batch, steps):
            with autograd.record():
                losses = measure(model.stack(images.as_in_context(self._context)), labels.as_in_context(self._context))
            losses.backward()
            trainer.step(batch)
        return model.weights()

    @staticmethod
    def _batches(folder: str, batch: int, count: int, *, shuffle: bool = False) -> Sequence[Any]:
        shape = [int(size) for size in pathlib.Path(folder, "shape.txt").read_text(encoding="utf-8").split()]

        def unpacked(record: Any) -> Any:
            header, content = recordio.unpack(record)
            return nd.array(np.frombuffer(content, "float32").reshape(shape)), np.float32(header.label)

        parts = [gluon.data.RecordFileDataset(str(path)) for path in sorted(pathlib.Path(folder).glob("*.rec"))]
        loader = gluon.data.DataLoader(_Joined(parts).transform(unpacked), batch_size=batch, shuffle=shuffle)
        found: list[Any] = []
        while len(found) < count:
            found.extend(loader)
        return found[:count]


class _ScaleShift(mxnet.operator.CustomOp):
    """``x * scale + tanh(x) * shift``."""

    def forward(self, is_train: Any, req: Any, in_data: Any, out_data: Any, aux: Any) -> None:
        x, scale, shift = in_data
        self.assign(out_data[0], req[0], x * scale + nd.tanh(x) * shift)


@mxnet.operator.register("fwconformance_scale_shift")
class _ScaleShiftProp(mxnet.operator.CustomOpProp):
    def list_arguments(self) -> list[str]:
        return ["data", "scale", "shift"]

    def infer_shape(self, in_shape: Any) -> Any:
        return [in_shape[0], [in_shape[0][1]], [in_shape[0][1]]], [in_shape[0]], []

    def create_operator(self, ctx: Any, shapes: Any, dtypes: Any) -> Any:
        return _ScaleShift()


class DefinitionPiece(_Piece):
    """A Symbol writes itself as JSON; what is read back runs in a SymbolBlock."""

    def write(self, network: neutral.Network) -> str:
        sym = mxnet.sym
        top = sym.var("data")
        for index, layer in enumerate(network.layers):
            top = self._add(sym, layer, top, f"layer{index}")
        return top.tojson()

    @staticmethod
    def _add(sym: Any, layer: Any, x: Any, name: str) -> Any:
        if isinstance(layer, neutral.Conv2D):
            (top, bottom), (left, right) = layer.padding
            if top == bottom and left == right:
                settings = {"stride": layer.stride, "pad": (top, left), "dilate": layer.dilation}
                return sym.Convolution(
                    x, name=name, kernel=layer.kernel, num_filter=layer.channels, num_group=layer.groups, **settings
                )
        if isinstance(layer, neutral.Pool2D) and layer.kind == "max":
            return sym.Pooling(x, name=name, pool_type="max", kernel=layer.size, stride=layer.stride, pad=layer.padding)
        if isinstance(layer, neutral.Activation):
            return sym.Activation(x, name=name, act_type=layer.kind)
        if isinstance(layer, neutral.Flatten):
            return sym.Flatten(x, name=name)
        if isinstance(layer, neutral.Dense):
            return sym.FullyConnected(x, name=name, num_hidden=layer.units)
        raise NotAdapted(f"the MXNet adapter writes no {layer!r} as a Symbol yet")

    def forward(self, text: str, weights: Mapping[str, Any], inputs: Any) -> Any:
        return self._block(text, weights)(self._take(inputs))

    def train(
        self, text: str, weights: Mapping[str, Any], batches: Sequence[tuple[Any, Any]], rate: float
    ) -> Mapping[str, Any]:
        block, measure = self._block(text, weights), loss_block(neutral.Loss(kind="mse"))
        trainer = gluon.Trainer(block.collect_params(), "sgd", {"learning_rate": rate})
        for inputs, targets in batches:
            with autograd.record():
                losses = measure(block(self._take(inputs)), self._take(targets))
            losses.backward()
            trainer.step(len(inputs))
        held = block.collect_params()
        return {name: _neutral(name, held[_own(name)].data(), weights[name]) for name in weights}

    def own_layer(self, weights: Mapping[str, Any], inputs: Any) -> tuple[str, Any]:
        sym = mxnet.sym
        variables = [sym.var(name) for name in ("data", "scale", "shift")]
        text = sym.Custom(*variables, op_type="fwconformance_scale_shift", name="own").tojson()
        values = {name: self._take(value) for name, value in weights.items()}
        read = mxnet.sym.load_json(text)
        return text, read.bind(self._context, {"data": self._take(inputs), **values}).forward(is_train=False)[0]

    def _block(self, text: str, weights: Mapping[str, Any]) -> Any:
        block = gluon.SymbolBlock(mxnet.sym.load_json(text), mxnet.sym.var("data"))
        held = block.collect_params()
        for name, value in weights.items():
            parameter = held[_own(name)]
            turned = np.asarray(value).T if name.endswith(".kernel") and np.ndim(value) == 2 else value
            parameter.shape = tuple(np.shape(turned))
            parameter.initialize(ctx=self._context)
            parameter.set_data(self._take(turned))
        return block


def _own(name: str) -> str:
    index, role = name.split(".")
    return f"layer{index}_{'weight' if role == 'kernel' else role}"


def _neutral(name: str, value: Any, like: Any) -> Any:
    return value.T if name.endswith(".kernel") and np.ndim(like) == 2 else value


_PIECES: Mapping[str, Any] = {
    "preprocessing": PreprocessingPiece,
    "data-files": DataFilesPiece,
    "definition": DefinitionPiece,
}


def piece(name: str, context: Any) -> Any:
    """The piece `name`."""
    return _PIECES[name](context)
