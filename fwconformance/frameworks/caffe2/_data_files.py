# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Records in Caffe2's databases: written as TensorProtos, read by TensorProtosDBInput and by its Dataset."""

from __future__ import annotations

import math
import pathlib
from typing import Any, Mapping, Sequence

import numpy as np
from caffe2.proto import caffe2_pb2
from caffe2.python import core, dataset, schema, utils, workspace

from fwconformance.frameworks._training import Training
from fwconformance.frameworks.caffe2._model import Caffe2Model
from fwconformance.frameworks.caffe2._nets import feed, fresh, held, seeded
from fwconformance.frameworks.caffe2._training import NetTrainer

_KIND = "minidb"
#: Digits of a record's key, by which databases that sort have them in the order of writing.
_DIGITS = 8


class DataFilesPiece:
    """One file is streamed. Several, or shuffled ones, become a Dataset, in memory, which has a cursor of its own."""

    def write(self, folder: str, images: Any, labels: Any, files: int) -> None:
        parts = zip(np.array_split(images, files), np.array_split(labels, files))
        for number, (some, theirs) in enumerate(parts):
            database = core.C.create_db(
                _KIND, str(pathlib.Path(folder, f"records-{number:03d}.{_KIND}")), core.C.Mode.write
            )
            transaction = database.new_transaction()
            for place, (image, label) in enumerate(zip(some, theirs)):
                record = caffe2_pb2.TensorProtos()
                for value in (np.asarray(image, "float32"), np.asarray(label, "int32")):
                    record.protos.extend([utils.NumpyArrayToCaffe2Tensor(value)])
                transaction.put(f"{place:0{_DIGITS}d}", record.SerializeToString())
            # A database is complete when its transaction and it are gone.
            del transaction, database

    def read(
        self, folder: str, batch: int, count: int, *, shuffle: bool = False, seed: int = 0
    ) -> Sequence[tuple[Any, Any]]:
        net = core.Net(fresh("reader"))
        images, labels = from_files(net, folder, batch, shuffle=shuffle, seed=seed)
        labels = net.Cast(labels, net.NextName(), to=core.DataType.FLOAT)
        workspace.CreateNet(net)
        found = []
        for _ in range(count):
            workspace.RunNet(net.Proto().name)
            found.append((held(images), held(labels)))
        return found

    def train(self, folder: str, training: Training, batch: int, steps: int) -> Mapping[str, Any]:
        """The reader stands before the network in one net: nothing passes through Python."""
        model = Caffe2Model(training.network, training.weights)
        trainer = NetTrainer(model, training.loss, training.optimizer)
        net = core.Net(fresh("trained"))
        images, labels = from_files(net, folder, batch)
        net.Copy(images, trainer.plan.data)
        net.Copy(labels, trainer.plan.targets)
        net.AppendNet(trainer.plan.helper.net)
        workspace.CreateNet(seeded(net))
        for _ in range(steps):
            workspace.RunNet(net.Proto().name)
        return model.weights()


def from_files(net: Any, folder: str, batch: int, *, shuffle: bool = False, seed: int = 0) -> tuple[Any, Any]:
    """Adds to `net` the operators that give the next batch: (images, labels).

    Raises FileNotFoundError where `folder` has no records.
    """
    files = sorted(pathlib.Path(folder).glob(f"*.{_KIND}"))
    if not files:
        raise FileNotFoundError(f"no records (*.{_KIND}) in {folder}")
    if len(files) == 1 and not shuffle:
        return _streamed(net, files[0], batch)
    return _from_memory(net, files, batch, shuffle=shuffle, seed=seed)


def _streamed(net: Any, file: pathlib.Path, batch: int) -> tuple[Any, Any]:
    database, outputs = fresh("database"), [fresh("images"), fresh("labels")]
    workspace.RunOperatorOnce(core.CreateOperator("CreateDB", [], [database], db=str(file), db_type=_KIND))
    net.TensorProtosDBInput([core.BlobReference(database)], outputs, batch_size=batch)
    return tuple(core.BlobReference(name) for name in outputs)


def _size(file: pathlib.Path) -> int:
    # A cursor does not keep its database open.
    database = core.C.create_db(_KIND, str(file), core.C.Mode.read)
    cursor, found = database.new_cursor(), 0
    while cursor.valid():
        found += 1
        cursor.next()
    del cursor, database
    return found


def _from_memory(net: Any, files: Sequence[pathlib.Path], batch: int, *, shuffle: bool, seed: int) -> tuple[Any, Any]:
    load = core.Net(fresh("loaded"))
    parts = [_streamed(load, file, _size(file)) for file in files]
    fields = [load.Concat(list(each), [fresh("field"), fresh("sizes")], axis=0)[0] for each in zip(*parts)]
    workspace.RunNetOnce(load)
    shape = workspace.FetchBlob(str(fields[0])).shape
    records = dataset.Dataset(
        schema.Struct(("images", schema.Scalar((np.float32, shape[1:]))), ("labels", schema.Scalar(np.int32))),
        name=fresh("records"),
    )
    records.field_blobs = fields
    ready = core.Net(fresh("ready"))
    order = _order(ready, shape[0], shuffle=shuffle, seed=seed)
    # It leaves out what is no whole batch at the end of the order: that many passes end with one.
    passes = ready.Tile(order, 1, tiles=batch // math.gcd(shape[0], batch), axis=0)
    reader = records.random_reader(ready, passes, batch_size=batch, loop_over=True, enforce_batch_size=True)
    reader.computeoffset(ready)
    workspace.RunNetOnce(ready)
    _, (images, labels) = reader.read(net)
    return images, labels


def _order(net: Any, size: int, *, shuffle: bool, seed: int) -> Any:
    """A blob of the records' numbers. The operator SortAndShuffle would draw by the C library's generator, unseeded."""
    order = core.BlobReference(fresh("order"))
    if not shuffle:
        feed(order, np.arange(size, dtype="int64"))
        return order
    drawn = core.CreateOperator("UniformFill", [], [fresh("drawn")], shape=[size], min=0.0, max=1.0)
    drawn.device_option.random_seed = seed % 2**31 + 1
    net.Proto().op.extend([drawn])
    net.TopK([core.BlobReference(drawn.output[0])], [fresh("largest"), order], k=size)
    return order
