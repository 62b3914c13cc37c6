# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc, untyped-decorator"
"""Images by tf.image, records by tf.data, and networks as a GraphDef's text."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Sequence

import numpy as np
import tensorflow as tf
from google.protobuf import text_format

from fwconformance.frameworks._network import SGD, Activation, Conv2D, Dense, Flatten, Network, Pool2D, weight_shapes
from fwconformance.frameworks._protocol import Array, NotAdapted, Tensor, Weights
from fwconformance.frameworks._training import Training
from fwconformance.frameworks.tensorflow._model import TensorFlowModel, scope
from fwconformance.frameworks.tensorflow._training import TensorFlowTrainer, make_optimizer


class _Piece:
    def __init__(self, device: str) -> None:
        self.device = device


class Preprocessing(_Piece):
    """tf.image crops; the rest are operations."""

    def batch(self, images: Array, mean: Array, scale: float, height: int, width: int) -> Tensor:
        with scope(self.device):
            cut = tf.image.resize_with_crop_or_pad(tf.constant(images, tf.float32), height, width)
            turned = tf.reverse(cut, axis=[-1])
            return tf.transpose((turned - tf.constant(mean, tf.float32)) * scale, (0, 3, 1, 2))


class DataFiles(_Piece):
    """TFRecord files of tf.train.Example, and a tf.data pipeline that parses them."""

    def write(self, folder: str, images: Array, labels: Array, files: int) -> None:
        parts = zip(np.array_split(images, files), np.array_split(labels, files))
        for number, (some, theirs) in enumerate(parts):
            with tf.io.TFRecordWriter(str(Path(folder, f"records-{number:03d}.tfrecord"))) as writer:
                for one, label in zip(some, theirs):
                    content = tf.io.serialize_tensor(tf.constant(one, tf.float32)).numpy()
                    feature = {
                        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[content])),
                        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[int(label)])),
                    }
                    example = tf.train.Example(features=tf.train.Features(feature=feature))
                    writer.write(example.SerializeToString())

    def read(
        self, folder: str, batch: int, count: int, *, shuffle: bool = False, seed: int = 0
    ) -> Sequence[tuple[Tensor, Tensor]]:
        with scope(self.device):
            found = self._batches(folder, batch, count, shuffle=shuffle, seed=seed)
            return [(tf.identity(images), tf.cast(labels, tf.float32)) for images, labels in found]

    def train(self, folder: str, training: Training, batch: int, steps: int) -> Mapping[str, Tensor]:
        model = TensorFlowModel(training.network, self.device, training.weights)
        trainer = TensorFlowTrainer(model, training.loss, training.optimizer)
        with scope(self.device):
            for images, labels in self._batches(folder, batch, steps):
                trainer.take_step(images, labels)
        return model.weights()

    @staticmethod
    def _batches(folder: str, batch: int, count: int, *, shuffle: bool = False, seed: int = 0) -> Any:
        spec = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}

        def parsed(record: Any) -> Any:
            read = tf.io.parse_single_example(record, spec)
            return tf.io.parse_tensor(read["image"], tf.float32), read["label"]

        records = tf.data.TFRecordDataset(sorted(map(str, Path(folder).glob("*.tfrecord")))).map(parsed)
        if shuffle:
            records = records.shuffle(1000, seed=seed)
        return records.repeat().batch(batch).take(count)


class Definition(_Piece):
    """A GraphDef in protocol buffers' text: the weights are placeholders, fed like the inputs."""

    def write(self, network: Network) -> str:
        graph = tf.Graph()
        with graph.as_default():
            place = tf.compat.v1.placeholder
            x = place(tf.float32, (None, *network.input_shape), name="data")
            held = {
                name: place(tf.float32, shape, name=f"weight{name}") for name, shape in weight_shapes(network).items()
            }
            for index, layer in enumerate(network.layers):
                x = self._add(layer, x, held.get(f"{index}.kernel"), held.get(f"{index}.bias"))
            tf.identity(x, name="outputs")
        return text_format.MessageToString(graph.as_graph_def())

    @staticmethod
    def _add(layer: Any, x: Any, kernel: Any, bias: Any) -> Any:
        if isinstance(layer, Conv2D):
            # Images lie with the channels last on the CPU.
            around = [[0, 0], *map(list, layer.padding), [0, 0]]
            last = tf.nn.conv2d(tf.transpose(x, (0, 2, 3, 1)), tf.transpose(kernel, (2, 3, 1, 0)), layer.stride, around)
            return tf.transpose(tf.nn.bias_add(last, bias), (0, 3, 1, 2))
        if isinstance(layer, Pool2D) and layer.kind == "max" and layer.padding == (0, 0):
            last = tf.nn.max_pool2d(tf.transpose(x, (0, 2, 3, 1)), layer.size, layer.stride, "VALID")
            return tf.transpose(last, (0, 3, 1, 2))
        if isinstance(layer, Activation):
            return {"relu": tf.nn.relu, "tanh": tf.tanh, "sigmoid": tf.sigmoid}[layer.kind](x)
        if isinstance(layer, Flatten):
            return tf.reshape(x, (tf.shape(x)[0], int(np.prod(x.shape[1:]))))
        if isinstance(layer, Dense):
            return tf.matmul(x, kernel) + bias
        raise NotAdapted(f"the TensorFlow adapter writes no {layer!r} as a graph yet")

    def forward(self, text: str, weights: Weights, inputs: Array) -> Tensor:
        with scope(self.device):
            run = self._read(text, [f"weight{name}" for name in weights])
            return run(tf.constant(inputs, tf.float32), *(tf.constant(one, tf.float32) for one in weights.values()))

    def train(
        self, text: str, weights: Weights, batches: Sequence[tuple[Array, Array]], rate: float
    ) -> Mapping[str, Tensor]:
        with scope(self.device):
            run = self._read(text, [f"weight{name}" for name in weights])
            held = [tf.Variable(one, dtype=tf.float32) for one in weights.values()]
            optimizer = make_optimizer(SGD(rate=rate))
            for inputs, targets in batches:
                with tf.GradientTape() as tape:
                    outputs = run(tf.constant(inputs, tf.float32), *(tf.convert_to_tensor(one) for one in held))
                    loss = tf.compat.v1.losses.mean_squared_error(tf.constant(targets, tf.float32), outputs)
                optimizer.apply_gradients(zip(tape.gradient(loss, held), held))
            return {name: tf.identity(variable) for name, variable in zip(weights, held)}

    def own_layer(self, weights: Weights, inputs: Array) -> tuple[str, Tensor]:
        """A function of the user's own: the text has it in its library, and a node that calls it by name."""

        @tf.function
        def scale_shift(x: Any, scale: Any, shift: Any) -> Any:
            return x * scale + tf.tanh(x) * shift

        graph = tf.Graph()
        with graph.as_default():
            names = ("data", *(f"weight{name}" for name in weights))
            shapes = (inputs.shape, *(np.shape(one) for one in weights.values()))
            places = [tf.compat.v1.placeholder(tf.float32, shape, name=name) for name, shape in zip(names, shapes)]
            given = dict(zip(("x", *weights), places))
            tf.identity(scale_shift(**given), name="outputs")
        text = text_format.MessageToString(graph.as_graph_def())
        return text, self.forward(text, weights, inputs)

    @staticmethod
    def _read(text: str, names: Sequence[str]) -> Any:
        graph = text_format.Parse(text, tf.compat.v1.GraphDef())
        wrapped = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph, name=""), [])
        return wrapped.prune(feeds=["data:0", *(f"{name}:0" for name in names)], fetches="outputs:0")


_MAKERS: Mapping[str, Any] = {"preprocessing": Preprocessing, "data-files": DataFiles, "definition": Definition}


def piece(name: str, device: str) -> Any:
    """The piece `name`."""
    return _MAKERS[name](device)
