"""Caffe's files of weights (``.caffemodel``): read and written without Caffe and without protobuf.

The format is the binary one of protobuf (https://protobuf.dev/programming-guides/encoding/), of the messages
NetParameter, LayerParameter, V1LayerParameter and BlobProto in Caffe's ``caffe.proto``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, Mapping, Sequence

import attrs
import numpy as np

from fwconformance.frameworks._protocol import Array

# Numbers of fields.
_LAYER, _LAYER_V1 = 100, 2
_NAME, _BLOBS = {_LAYER: 1, _LAYER_V1: 4}, {_LAYER: 7, _LAYER_V1: 6}
_TYPE = 2
_SHAPE, _DATA, _DOUBLES, _DIM = 7, 5, 8, 1
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_FIXED = {_EIGHT: 8, _FOUR: 4}


class CaffemodelError(ValueError):
    """A file that is not one of weights, or not whole; says at which byte."""


@attrs.frozen(kw_only=True, eq=False)
class Blob:
    """One array of weights.

    Attributes:
        layer: whose it is.
        index: which of the layer's.
        values: float32 (or float64 where the file has doubles), in the shape that the file states.
        start: where its packed values begin in the file, in bytes; -1 where they are not packed.
    """

    layer: str
    index: int
    values: Array
    start: int

    @property
    def name(self) -> str:
        """As "layer.index"."""
        return f"{self.layer}.{self.index}"


def read_blobs(path: str | Path) -> list[Blob]:
    """Every blob of the file at `path`, in its order.

    Raises CaffemodelError for a file that is torn, is no caffemodel, or has no weights; OSError.
    """
    content = Path(path).read_bytes()
    found: list[Blob] = []
    try:
        for number, kind, start, end, _ in _fields(content, 0, len(content)):
            if number in (_LAYER, _LAYER_V1) and kind == _BYTES:
                found.extend(_layer(content, start, end, number))
    except _Torn as torn:
        raise CaffemodelError(
            f"{path}: not a whole caffemodel: {torn} ({len(content)} bytes); fetch it again, and check its digest"
        ) from None
    if not found:
        raise CaffemodelError(f"{path}: holds no layer with weights: is it a caffemodel? (a .solverstate is none)")
    return found


def write_blobs(path: str | Path, blobs: Mapping[str, Sequence[Array]], kinds: Mapping[str, str] | None = None) -> None:
    """A caffemodel at `path` with the blobs of each layer, by its name, as float32; `kinds` has the layers' types."""
    parts = []
    for name, arrays in blobs.items():
        layer = _field(_NAME[_LAYER], name.encode("utf-8"))
        if kinds and name in kinds:
            layer += _field(_TYPE, kinds[name].encode("utf-8"))
        for array in arrays:
            shape = b"".join(_varint_of(size) for size in np.shape(array))
            values = np.ascontiguousarray(array, "<f4").tobytes()
            layer += _field(_BLOBS[_LAYER], _field(_SHAPE, _field(_DIM, shape)) + _field(_DATA, values))
        parts.append(_field(_LAYER, layer))
    Path(path).write_bytes(b"".join(parts))


def write_shuffled(source: str | Path, target: str | Path, rng: np.random.Generator) -> int:
    """A copy of a caffemodel, the values of every kernel (blob of two dimensions or more) shuffled within it.

    Returns how many values were moved about; the file's structure stays as it is.
    """
    content = bytearray(Path(source).read_bytes())
    moved = 0
    for blob in read_blobs(source):
        if sum(size > 1 for size in blob.values.shape) < 2 or blob.start < 0:
            continue
        values = rng.permutation(blob.values.reshape(-1))
        content[blob.start : blob.start + values.nbytes] = values.astype(values.dtype.newbyteorder("<")).tobytes()
        moved += values.size
    Path(target).write_bytes(bytes(content))
    return moved


class _Torn(Exception):
    """What is wrong, and at which byte."""


def _layer(content: bytes, start: int, end: int, kind: int) -> Iterator[Blob]:
    name, blobs = "", []
    for number, wire, first, last, _ in _fields(content, start, end):
        if number == _NAME[kind] and wire == _BYTES:
            name = content[first:last].decode("utf-8", "replace")
        elif number == _BLOBS[kind] and wire == _BYTES:
            blobs.append((first, last))
    for index, (first, last) in enumerate(blobs):
        values, where = _values(content, first, last, f"{name}.{index}")
        yield Blob(layer=name, index=index, values=values, start=where)


def _values(content: bytes, start: int, end: int, what: str) -> tuple[Array, int]:
    shape: list[int] | None = None
    old = {1: 0, 2: 0, 3: 0, 4: 0}
    packed: list[tuple[int, int, str]] = []
    single: list[bytes] = []
    for number, wire, first, last, value in _fields(content, start, end):
        if number == _SHAPE and wire == _BYTES:
            shape = list(_dims(content, first, last))
        elif number in old and wire == _VARINT:
            old[number] = value
        elif number in (_DATA, _DOUBLES) and wire == _BYTES:
            packed.append((first, last, "<f4" if number == _DATA else "<f8"))
        elif number == _DATA and wire == _FOUR:
            single.append(content[first:last])
    if len(packed) == 1 and not single:
        first, last, dtype = packed[0]
        if (last - first) % np.dtype(dtype).itemsize:
            raise _Torn(f"{what} ends within a number, at byte {last}")
        values, where = np.frombuffer(content[first:last], dtype), first
    else:
        values, where = np.frombuffer(b"".join(single), "<f4"), -1
        if packed:
            raise _Torn(f"{what} has its values in several pieces, at byte {start}")
    dims = list(old.values()) if shape is None else shape
    if int(np.prod(dims, dtype=np.int64)) != values.size:
        raise _Torn(f"{what} has {values.size} values for the shape {tuple(dims)}, at byte {start}")
    return values.reshape(dims), where


def _dims(content: bytes, start: int, end: int) -> Iterator[int]:
    for number, wire, first, last, value in _fields(content, start, end):
        if number == _DIM and wire == _VARINT:
            yield value
        elif number == _DIM and wire == _BYTES:
            here = first
            while here < last:
                size, here = _varint(content, here, last)
                yield size


def _fields(content: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, int, int]]:
    """(number, wire type, start, end, value of a varint) of each field between `start` and `end`."""
    while start < end:
        begin = start
        key, start = _varint(content, start, end)
        number, wire = key >> 3, key & 7
        value = 0
        if wire == _VARINT:
            value, stop = _varint(content, start, end)
        elif wire in _FIXED:
            stop = start + _FIXED[wire]
        elif wire == _BYTES:
            size, start = _varint(content, start, end)
            stop = start + size
        else:
            raise _Torn(f"no protobuf field begins at byte {begin}")
        if number == 0 or stop > end:
            raise _Torn(f"the field that begins at byte {begin} runs beyond the end")
        yield number, wire, start, stop, value
        start = stop


def _varint(content: bytes, start: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while start < end and shift < 70:
        byte = content[start]
        value |= (byte & 0x7F) << shift
        start, shift = start + 1, shift + 7
        if byte < 0x80:
            return value, start
    raise _Torn(f"a number is cut off at byte {start}")


def _varint_of(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def _field(number: int, content: bytes) -> bytes:
    return _varint_of(number << 3 | _BYTES) + _varint_of(len(content)) + content
