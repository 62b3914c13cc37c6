# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Conventions and layers that Caffe lacks, each with the measurement or look-up that shows it."""

from __future__ import annotations

from typing import Any, Callable, NoReturn

import attrs
import caffe
from caffe import layers as L  # noqa: N812  # as all of Caffe's documentation has it
from caffe.proto import caffe_pb2

from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks.caffe._nets import load


@attrs.frozen(kw_only=True)
class LayerTypes:
    """Looks for any of `names` among the layer types that the build has registered."""

    names: tuple[str, ...]
    listed: Callable[[], Any] = caffe.layer_type_list

    def run(self) -> tuple[bool, str]:
        """(none of them is there, the evidence in words)."""
        types = list(self.listed())
        found = [name for name in self.names if name in types]
        if found:
            return False, f"caffe.layer_type_list() has {', '.join(found)}"
        return True, f"caffe.layer_type_list() has {len(types)} types and none of: {', '.join(self.names)}"


@attrs.frozen(kw_only=True)
class Follows:
    """Runs the layer once; absent where it follows another convention and its message has no field but `known`."""

    label: str
    measure: Callable[[], float]
    gives: dict[str, float]
    asked: str
    fields: tuple[str, ...]
    known: frozenset[str]

    def run(self) -> tuple[bool, str]:
        """(the asked convention is absent, the evidence in words). Raises ValueError where none was measured."""
        seen = self.measure()
        followed = [name for name, value in self.gives.items() if abs(seen - value) < 1e-3]
        if len(followed) != 1:
            raise ValueError(f"{self.label}: measured {seen:.4g}, which tells no convention apart")
        evidence = f"{self.label} follows {followed[0]!r}: measured {seen:.4g}"
        unknown = sorted(set(self.fields) - self.known)
        if followed[0] == self.asked or unknown:
            return False, evidence + (f", and has fields that may choose: {', '.join(unknown)}" if unknown else "")
        return True, f"{evidence} ({self.asked} gives {self.gives[self.asked]:.4g}), and no parameter chooses"


def _fields(message: Any) -> tuple[str, ...]:
    return tuple(field.name for field in message.DESCRIPTOR.fields)


def no_layer(*names: str) -> NoReturn:
    refuse(LayerTypes(names=names))


def _running_variance() -> float:
    spec = caffe.NetSpec()
    spec.data = L.Input(shape={"dim": [2, 1]})
    spec.norm = L.BatchNorm(spec.data, moving_average_fraction=0.0)
    net = load(spec, caffe.TRAIN)
    net.blobs["data"].data[...] = [[0.0], [2.0]]
    net.forward()
    _, variance, factor = (blob.data for blob in net.params["norm"])
    return float(variance.ravel()[0] / factor.ravel()[0])


def _corner_average() -> float:
    spec = caffe.NetSpec()
    spec.data = L.Input(shape={"dim": [1, 1, 2, 2]})
    spec.pool = L.Pooling(spec.data, pool=caffe.params.Pooling.AVE, kernel_size=2, stride=2, pad=1)
    net = load(spec)
    net.blobs["data"].data[...] = 1.0
    net.forward()
    return float(net.blobs["pool"].data[0, 0, 0, 0])


def running_variance() -> Follows:
    """Keeps the variance of 0 and 2 alone: 1 if biased, 2 if unbiased."""
    return Follows(
        label="layer BatchNorm",
        measure=_running_variance,
        gives={"biased": 1.0, "unbiased": 2.0},
        asked="biased",
        fields=_fields(caffe_pb2.BatchNormParameter),
        known=frozenset({"use_global_stats", "moving_average_fraction", "eps"}),
    )


def padding_count() -> Follows:
    """The corner of an image of ones, three quarters of the window on padding."""
    return Follows(
        label="layer Pooling (AVE)",
        measure=_corner_average,
        gives={"the whole window counts": 0.25, "the image's cells count": 1.0},
        asked="the image's cells count",
        fields=_fields(caffe_pb2.PoolingParameter),
        known=frozenset(
            {
                "pool",
                "pad",
                "pad_h",
                "pad_w",
                "kernel_size",
                "kernel_h",
                "kernel_w",
                "stride",
                "stride_h",
                "stride_w",
                "engine",
                "global_pooling",
                "round_mode",
            }
        ),
    )


def _adam_step() -> float:
    from fwconformance.frameworks.caffe._training import first_adam_step

    return first_adam_step()


def epsilon_placement(asked: str) -> Follows:
    """One step, gradient, rate and epsilon 1: 0.5 if corrected, else sqrt(c2) / (sqrt(c2) + 1)."""
    small = 0.001**0.5
    return Follows(
        label="solver Adam",
        measure=_adam_step,
        gives={"corrected": 0.5, "uncorrected": small / (small + 1.0)},
        asked=asked,
        fields=(),
        known=frozenset(),
    )


def adam_placement(asked: str) -> NoReturn:
    refuse(epsilon_placement(asked))
