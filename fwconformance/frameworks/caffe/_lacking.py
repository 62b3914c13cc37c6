# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Pieces that Caffe has nothing for, each with the look-up that shows it."""

from __future__ import annotations

from typing import Any, Mapping, NoReturn

import attrs
import caffe
from caffe.proto import caffe_pb2

from fwconformance.frameworks._pieces_export import EXPORTS
from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import Unavailable


@attrs.frozen(kw_only=True)
class Fields:
    """Looks for any of `names` among the fields of protocol buffer `message`, or the values of one of its enums."""

    message: Any
    names: tuple[str, ...]
    enum: str = ""

    def run(self) -> tuple[bool, str]:
        """(none of them is there, the evidence in words)."""
        said, here = self.message.DESCRIPTOR.full_name, self.message.DESCRIPTOR.fields_by_name
        if self.enum:
            said, here = f"{said}.{self.enum}", self.message.DESCRIPTOR.enum_types_by_name[self.enum].values_by_name
        found = [name for name in self.names if name in here]
        if found:
            return False, f"{said} has {', '.join(found)}"
        return True, f"{said} has {len(here)} entries and none of: {', '.join(self.names)}"


def writer(name: str, root: Any = caffe) -> Lookup:
    """A writer of the format of the piece `name`, where pycaffe keeps such things."""
    plain = name.replace("export-", "", 1).replace("-", "_")
    places = ("", "io.", "Net.save_", "Net.to_", "Net.export_", "NetSpec.to_")
    return Lookup(root=root, label="caffe", names=tuple(place + plain for place in places))


def exchange(root: Any = caffe) -> Lookup:
    """What solvers exchange weights by; a build for the CPU has the class, and nothing in it."""
    names = ("NCCL.bcast", "NCCL.new_uid", "P2PSync", "DataParallel", "distributed")
    return Lookup(root=root, label="caffe, built for the CPU,", names=names)


def placement() -> Fields:
    """A field that puts a layer on a device of its own."""
    return Fields(message=caffe_pb2.LayerParameter, names=("device", "device_id", "gpu", "place"))


def tpu() -> Fields:
    """A mode of solvers beside the CPU and the GPU."""
    return Fields(message=caffe_pb2.SolverParameter, enum="SolverMode", names=("TPU", "XLA"))


_EXCHANGE = "solvers exchange weights between GPUs alone, by NCCL"
_REFUSED: Mapping[str, Any] = {
    "data-parallel": lambda: refuse(exchange(), note=_EXCHANGE),
    "multi-process": lambda: refuse(exchange(), note=_EXCHANGE),
    "throughput": lambda: refuse(exchange(), note=_EXCHANGE),
    "sharded-data-parallel": lambda: refuse(exchange(), note=_EXCHANGE),
    "multi-process-fit": lambda: refuse(exchange(), note=_EXCHANGE),
    "model-parallel": lambda: refuse(placement(), note="a net is on one device as a whole"),
    "compile-tpu": lambda: refuse(tpu()),
}
NAMES = (*_REFUSED, *EXPORTS, "compile-gpu")


def piece(name: str) -> NoReturn:
    """Raises `Unsupported` with the evidence, or Unavailable for a program for GPUs, which this build has not."""
    if name in _REFUSED:
        _REFUSED[name]()
    if name in EXPORTS:
        refuse(writer(name))
    raise Unavailable("this build of Caffe has no CUDA: its kernels are compiled where nvcc is")
