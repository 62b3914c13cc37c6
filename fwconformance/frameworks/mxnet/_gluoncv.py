# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Piece "gluoncv": networks that classify and detect, as GluonCV's tutorials train them, and its way of fetching
weights.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence

import mxnet
from mxnet import autograd, gluon, nd

from fwconformance.frameworks._estimators import imported
from fwconformance.frameworks._loopback import served
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import OnHost
from fwconformance.frameworks.mxnet._arrays import to_array

imported("gluoncv", "gluoncv", "mxnet-cpu")

from gluoncv import loss as losses  # noqa: E402  # only where it is there
from gluoncv import model_zoo, utils  # noqa: E402
from gluoncv.data.transforms.presets import imagenet  # noqa: E402
from gluoncv.model_zoo import model_store  # noqa: E402
from gluoncv.model_zoo.ssd.target import SSDTargetGenerator  # noqa: E402
from gluoncv.utils.metrics import voc_detection  # noqa: E402

_SEED = 20200101
_CLASSIFIER = "cifar_resnet20_v1"
_DETECTOR = "ssd_512_mobilenet1.0_custom"


class GluonCV:
    """The piece."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def listing(self) -> Sequence[str]:
        return list(model_zoo.get_model_list())

    def classifier(self, images: Any, labels: Any, unseen: Any, *, classes: int, steps: int) -> Mapping[str, Any]:
        _seed()
        net = self._started(model_zoo.get_model(_CLASSIFIER, classes=classes))
        trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 3e-3})
        measure = gluon.loss.SoftmaxCrossEntropyLoss()
        inputs, targets, kept = self._take(images), self._take(labels), []
        for _ in range(steps):
            with autograd.record():
                loss = measure(net(inputs), targets)
            loss.backward()
            trainer.step(len(images))
            kept.append(loss.mean())
        return {"losses": kept, "outputs": net(self._take(unseen))}

    def detector(self, images: Any, boxes: Any, labels: Any, *, classes: int, steps: int) -> Mapping[str, Any]:
        _seed()
        names = [f"thing {number}" for number in range(classes)]
        net = model_zoo.get_model(_DETECTOR, classes=names, pretrained_base=False)
        net.initialize(ctx=self._context)
        trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 1e-3})
        measure, targets_of = losses.SSDMultiBoxLoss(), SSDTargetGenerator(negative_mining_ratio=-1)
        inputs, kept = self._take(images), []
        truth = self._take(boxes), self._take(labels).expand_dims(-1)
        for _ in range(steps):
            with autograd.record():
                scores, shifts, anchors = net(inputs)
                with autograd.pause():
                    sought, moves, _ = targets_of(anchors, scores, *truth)
                total, _, _ = measure(scores, shifts, sought, moves)
            autograd.backward(total)
            trainer.step(1)
            kept.append(total[0].mean())
        found, scores, places = net(inputs)
        return {"losses": kept, "classes": found[:, :, 0], "scores": scores[:, :, 0], "boxes": places}

    def overlap(self, first: Any, second: Any) -> OnHost:
        return OnHost(values=utils.bbox_iou(first, second), by="gluoncv.utils.bbox_iou")

    def average_precision(self, boxes: Any, scores: Any, truth: Any) -> OnHost:
        metric = voc_detection.VOC07MApMetric(iou_thresh=0.5, class_names=["thing"])
        zeros = [nd.zeros((1, len(each), 1)) for each in (boxes, truth)]
        metric.update(
            self._take(boxes[None]), zeros[0], self._take(scores[None, :, None]), self._take(truth[None]), zeros[1]
        )
        return OnHost(values=metric.get()[1][-1], by="VOC07MApMetric.get")

    def prepared(self, images: Any) -> Any:
        pixels = [nd.array(each, ctx=self._context, dtype="uint8") for each in images.transpose(0, 2, 3, 1)]
        return nd.concat(*imagenet.transform_eval(pixels), dim=0)

    def downloaded(self, folder: str, *, torn: bool) -> Mapping[str, Any]:
        _seed()
        net = self._started(model_zoo.get_model(_CLASSIFIER))
        net(nd.zeros((1, 3, 32, 32), ctx=self._context))
        with tempfile.TemporaryDirectory() as offered, served(Path(offered)) as address:
            weights = Path(offered, "weights.params")
            net.save_parameters(str(weights))
            content = weights.read_bytes()
            digest = hashlib.sha1(content).hexdigest()  # noqa: S324  # the digest that GluonCV keeps
            if torn:
                content = content[: len(content) // 2] + bytes([content[len(content) // 2] ^ 0xFF])
                content += weights.read_bytes()[len(content) :]
            name = f"{_CLASSIFIER}-{digest[:8]}"
            Path(offered, "gluon", "models").mkdir(parents=True)
            with zipfile.ZipFile(Path(offered, "gluon", "models", f"{name}.zip"), "w") as archive:
                archive.writestr(f"{name}.params", content)
            digests = {**model_store._model_sha1, _CLASSIFIER: digest}  # noqa: SLF001  # there is no public name
            with replaced(model_store, "_model_sha1", lambda _: digests), _variables(folder, address):
                try:
                    loaded = model_zoo.get_model(_CLASSIFIER, pretrained=True, ctx=self._context)
                except ValueError as refusal:
                    return {"stored": _weights(net), "error": str(refusal)}
        return {"stored": _weights(net), "loaded": _weights(loaded)}

    def _started(self, net: Any) -> Any:
        net.initialize(mxnet.init.Xavier(), ctx=self._context)
        return net

    def _take(self, values: Any) -> Any:
        return to_array(values, self._context, "float32")


def _weights(net: Any) -> dict[str, Any]:
    """By the names that a file of parameters has, which are the same in each network of a kind."""
    return {name: each.data().copy() for name, each in net._collect_params_with_prefix().items()}  # noqa: SLF001


@contextlib.contextmanager
def _variables(folder: str, address: str) -> Iterator[None]:
    """GluonCV's own variables: where weights are kept, and where they are fetched from."""
    wanted = {"MXNET_HOME": folder, "MXNET_GLUON_REPO": address}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def _seed() -> None:
    """MXNet has no generator of one's own: the case's seed is set again before the next one."""
    mxnet.random.seed(_SEED)


def piece(name: str, context: Any) -> GluonCV:
    """The piece."""
    return GluonCV(context)
