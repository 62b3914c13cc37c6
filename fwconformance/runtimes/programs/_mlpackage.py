"""A Core ML package read back: the program in its protocol buffer, the weights in the file beside it.

Nothing of coremltools takes part, so that what its writer and its reader might get wrong in the same way shows. Field
numbers are those of Apple's published Model.proto, FeatureTypes.proto and MIL.proto
(https://apple.github.io/coremltools/mlmodel), the layout of the weights that of its MILBlob format: 64-byte records,
each naming the place of its values.
"""

from __future__ import annotations

import json
import pathlib
import struct
from typing import Any, Dict, Iterator, List, NamedTuple

import numpy as np

Array = Any
#: By field number, what the message holds: integers; bytes of strings, messages, packed numbers and fixed-width ones.
Fields = Dict[int, List[Any]]

_PROGRAM = 502  # in Model; 500 and the like are the formats that Core ML had before programs
_BLOB = 0xDEADBEEF
#: MIL's DataType to NumPy's, for values in the program; bfloat16, 8-bit floats and integers below 8 bits are not here.
_DTYPES = {1: "?", 2: "str", 10: "<f2", 11: "<f4", 12: "<f8", 21: "i1", 22: "<i2", 23: "<i4", 24: "<i8", 31: "u1"}
#: The weights' file has numbers of its own for them.
_BLOB_DTYPES = {1: "<f2", 2: "<f4", 3: "u1", 4: "i1", 6: "<i2", 8: "<i4"}


class Kind(NamedTuple):
    """What a value is declared to be. `shape`: None for a size that is left open."""

    dtype: str
    shape: tuple[int | None, ...]


class Operation(NamedTuple):
    """One statement. `inputs`: by parameter, names of values or values; `outputs`: names, with what they are."""

    kind: str
    inputs: dict[str, list[str | Array]]
    outputs: list[tuple[str, Kind]]
    blocks: int
    value: Array | None


class Program(NamedTuple):
    """The one function of a package. `ranges`: by input, the least and largest size of each axis, None for no bound."""

    inputs: list[tuple[str, Kind]]
    ranges: dict[str, list[tuple[int, int | None]]]
    operations: list[Operation]
    outputs: list[str]
    opset: str


def read(package: pathlib.Path) -> Program:
    """The program of the package. Raises ValueError, KeyError or OSError where it is none that this can read."""
    manifest = json.loads((package / "Manifest.json").read_text(encoding="utf-8"))
    root = manifest["itemInfoEntries"][manifest["rootModelIdentifier"]]
    file = package / "Data" / root["path"]
    model = _fields(file.read_bytes())
    if _PROGRAM not in model:
        raise ValueError("the model is no ML program: Core ML's older neural networks are not read here")
    functions = _map(_fields(model[_PROGRAM][0]), 2)
    if list(functions) != ["main"]:
        raise ValueError(f"the program has the functions {', '.join(functions) or 'none'}, and not `main` alone")
    main = _fields(functions["main"])
    opset = _text(main, 2)
    block = _fields(_map(main, 3)[opset])
    return Program(
        inputs=[_named(each) for each in main.get(1, [])],
        ranges=dict(_range(each) for each in _fields(model[2][0]).get(1, [])),
        operations=[_operation(each, file.parent) for each in block.get(3, [])],
        outputs=[name.decode() for name in block.get(2, [])],
        opset=opset,
    )


def _fields(content: bytes) -> Fields:
    found: Fields = {}
    place = 0
    while place < len(content):
        key, place = _varint(content, place)
        value: Any
        if key & 7 == 0:
            value, place = _varint(content, place)
        else:
            if key & 7 == 2:
                size, place = _varint(content, place)
            elif key & 7 in {1, 5}:
                size = 8 if key & 7 == 1 else 4
            else:
                raise ValueError(f"no protocol buffer: wire type {key & 7} at byte {place}")
            if place + size > len(content):
                raise ValueError(f"no whole protocol buffer: {size} bytes are announced at byte {place}")
            value, place = content[place : place + size], place + size
        found.setdefault(key >> 3, []).append(value)
    return found


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            # Negative numbers are written as their 64 bits.
            return value - (1 << 64) if value >> 63 else value, place


def _varints(content: bytes) -> Iterator[int]:
    place = 0
    while place < len(content):
        value, place = _varint(content, place)
        yield value


def _text(fields: Fields, number: int) -> str:
    return fields[number][0].decode() if number in fields else ""


def _map(fields: Fields, number: int) -> dict[str, bytes]:
    entries = [_fields(each) for each in fields.get(number, [])]
    return {_text(entry, 1): entry.get(2, [b""])[0] for entry in entries}


def _range(content: bytes) -> tuple[str, list[tuple[int, int | None]]]:
    """Of one feature of the description: a multi-array's shape, or where it has one, the range of each axis."""
    feature = _fields(content)
    array = _fields(_fields(feature[3][0])[5][0])
    if 21 in array:
        raise ValueError("the input has a list of shapes to choose from, which is not read here")
    if 31 not in array:
        sizes = [
            size
            for packed in array.get(1, [])
            for size in (_varints(packed) if isinstance(packed, bytes) else [packed])
        ]
        return _text(feature, 1), [(size, size) for size in sizes]
    bounds = [_fields(each) for each in _fields(array[31][0]).get(1, [])]
    # A negative upper bound is none.
    pairs = [(bound.get(1, [0])[0], bound.get(2, [0])[0]) for bound in bounds]
    return _text(feature, 1), [(low, None if high < 0 else high) for low, high in pairs]


def _named(content: bytes) -> tuple[str, Kind]:
    fields = _fields(content)
    return _text(fields, 1), _kind(fields[2][0])


def _kind(content: bytes) -> Kind:
    wrapped = _fields(content)
    if 1 not in wrapped:
        raise ValueError("a value of the program is no tensor (a list, tuple, dictionary or state)")
    tensor = _fields(wrapped[1][0])
    number = tensor.get(1, [0])[0]
    if number not in _DTYPES:
        raise ValueError(f"a value of the program has MIL's data type {number}, which is not read here")
    shape = []
    for each in tensor.get(3, []):
        dimension = _fields(each)
        shape.append(_fields(dimension[1][0]).get(1, [0])[0] if 1 in dimension else None)
    return Kind(_DTYPES[number], tuple(shape))


def _operation(content: bytes, folder: pathlib.Path) -> Operation:
    fields = _fields(content)
    inputs: dict[str, list[str | Array]] = {}
    for name, argument in _map(fields, 2).items():
        bindings = [_fields(each) for each in _fields(argument).get(1, [])]
        inputs[name] = [_text(binding, 1) if 1 in binding else _value(binding[2][0], folder) for binding in bindings]
    attributes = _map(fields, 5)
    return Operation(
        kind=_text(fields, 1),
        inputs=inputs,
        outputs=[_named(each) for each in fields.get(3, [])],
        blocks=len(fields.get(4, [])),
        value=_value(attributes["val"], folder) if "val" in attributes else None,
    )


def _value(content: bytes, folder: pathlib.Path) -> Array:
    fields = _fields(content)
    kind = _kind(fields[2][0])
    shape = tuple(size or 0 for size in kind.shape)
    if 5 in fields:
        place = _fields(fields[5][0])
        name = _text(place, 1).replace("@model_path/", "", 1)
        return _blob(folder / name, place.get(2, [0])[0], kind.dtype).reshape(shape)
    tensor = _fields(_fields(fields[3][0])[1][0])
    ((number, (packed,)),) = tensor.items() if tensor else ((2, (b"",)),)
    values = _fields(packed).get(1, [])
    if number == 4:
        return np.array([each.decode() for each in values]).reshape(shape)
    content = b"".join(values) if all(isinstance(each, bytes) for each in values) else b""
    if number in {1, 6}:
        numbers = np.frombuffer(content, "<f4" if number == 1 else "<f8")
    elif number == 7:
        numbers = np.frombuffer(content, kind.dtype)
    else:
        numbers = np.array(list(_varints(content)) if content else values, dtype="<i8")
    return numbers.astype(kind.dtype).reshape(shape)


def _blob(file: pathlib.Path, offset: int, dtype: str) -> Array:
    with file.open("rb") as opened:
        opened.seek(offset)
        sentinel, number, size, start = struct.unpack("<IIQQ", opened.read(24))
        if sentinel != _BLOB:
            raise ValueError(f"{file.name} has no weights at byte {offset}, where the program says they are")
        if _BLOB_DTYPES.get(number) != dtype:
            raise ValueError(f"the weights at byte {offset} of {file.name} have data type {number}, not {dtype}")
        opened.seek(start)
        return np.frombuffer(opened.read(size), dtype)
