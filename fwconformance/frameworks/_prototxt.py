"""Protobuf's text format, in which Caffe's networks are defined: read, cut short, and written again.

Without protobuf, and without a schema: a message is the list of its fields in their order.
"""

from __future__ import annotations

import ast
import re
from typing import Any, Iterator, Tuple

_TOKEN = re.compile(
    r"""(?P<blank>\s+|\#[^\n]*)|(?P<mark>[{}<>:;,\[\]])|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<word>[A-Za-z0-9_.+-]+)""",
    re.VERBOSE,
)

#: Types of layers in the older format (V1LayerParameter), and what they are called in the later one.
_OLDER = {
    "CONCAT": "Concat",
    "CONVOLUTION": "Convolution",
    "DROPOUT": "Dropout",
    "ELTWISE": "Eltwise",
    "INNER_PRODUCT": "InnerProduct",
    "LRN": "LRN",
    "POOLING": "Pooling",
    "RELU": "ReLU",
    "SOFTMAX": "Softmax",
}

#: (name, value) in order; a value is a `Message`, or a scalar as it stands: a word, or a quoted string.
Field = Tuple[str, Any]


class PrototxtError(ValueError):
    """A text that is not in the format; says in which line."""


class Message:
    """Fields in their order; `repeated` ones stand several times."""

    def __init__(self, fields: list[Field]) -> None:
        self.fields = fields

    def all(self, name: str) -> list[Any]:
        """Values of every field called `name`: messages, strings without quotes, and words as they stand."""
        return [_plain(value) for key, value in self.fields if key == name]

    def get(self, name: str, default: Any = None) -> Any:
        """The last value called `name`, as the format has it for fields that stand once; else `default`."""
        found = self.all(name)
        return found[-1] if found else default

    def message(self, name: str) -> Message:
        """The message called `name`, an empty one where there is none."""
        found = self.get(name)
        return found if isinstance(found, Message) else Message([])

    def number(self, name: str, default: float) -> float:
        """The number called `name`."""
        return float(self.get(name, default))

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, indent: str = "") -> Iterator[str]:
        """Of the message as text, each behind `indent`."""
        for name, value in self.fields:
            if isinstance(value, Message):
                yield f"{indent}{name} {{"
                yield from value.lines(indent + "  ")
                yield f"{indent}}}"
            else:
                yield f"{indent}{name}: {value}"


def parse(text: str) -> Message:
    """The message that `text` is. Raises PrototxtError with the line."""
    tokens = list(_tokens(text))
    message, position = _fields(tokens, 0, "")
    if position != len(tokens):
        raise PrototxtError(f"line {tokens[position][1]}: {tokens[position][0]!r} closes nothing")
    return message


def layers(network: Message) -> list[Message]:
    """The layers of a network in the order in which they run, those of the zoo's older format by their later names.

    Raises PrototxtError for a layer of the older format that is not known here.
    """
    older = network.all("layers")
    return [_upgraded(layer) for layer in older] if older else network.all("layer")


def input_shape(network: Message) -> tuple[int, ...]:
    """Of the input called "data", as the definition states it; raises PrototxtError where it states none."""
    dims = network.all("input_dim")
    for shape in network.all("input_shape")[:1]:
        dims = shape.all("dim")
    for layer in layers(network):
        if layer.get("type") == "Input":
            dims = layer.message("input_param").message("shape").all("dim")
    if not dims:
        raise PrototxtError(
            "the definition states no shape of its input: take the one for deployment (deploy.prototxt), "
            "not the one for training"
        )
    return tuple(map(int, dims[:4]))


def until(network: Message, layer: str) -> Message:
    """`network` up to the layer called `layer`, whose output becomes the network's.

    Raises PrototxtError where there is none.
    """
    kept: list[Field] = []
    for name, value in network.fields:
        kept.append((name, value))
        if name == "layer" and value.get("name") == layer:
            return Message(kept)
    raise PrototxtError(f"the network has no layer {layer!r}")


def _upgraded(layer: Message) -> Message:
    kind = layer.get("type")
    if kind not in _OLDER:
        raise PrototxtError(
            f"layer {layer.get('name')!r} of the older format has the type {kind}, which is not known here: convert "
            "the definition by Caffe's own upgrade_net_proto_text"
        )
    return Message([(name, f'"{_OLDER[kind]}"' if name == "type" else value) for name, value in layer.fields])


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in "\"'":
        return ast.literal_eval(value)
    return value


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    position, line = 0, 1
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise PrototxtError(f"line {line}: {text[position : position + 20]!r} is not in protobuf's text format")
        if found.lastgroup != "blank":
            yield found.group(), line
        line += found.group().count("\n")
        position = found.end()


def _fields(tokens: list[tuple[str, int]], position: int, closing: str) -> tuple[Message, int]:
    fields: list[Field] = []
    while position < len(tokens):
        name, line = tokens[position]
        if name == closing:
            return Message(fields), position + 1
        if name in ",;":
            position += 1
            continue
        if name in "}>":
            break
        if not re.match(r"[A-Za-z_]\w*$", name):
            raise PrototxtError(f"line {line}: {name!r} where the name of a field belongs")
        position += 1
        colon = _at(tokens, position) == ":"
        position += colon
        start = _at(tokens, position)
        if start in ("{", "<"):
            value, position = _fields(tokens, position + 1, "}" if start == "{" else ">")
            fields.append((name, value))
        elif not colon or start in ("", "}", ">", ":", ";", ",", "]"):
            raise PrototxtError(f"line {line}: {name} has no value")
        elif start == "[":
            position += 1
            while _at(tokens, position) not in ("]", ""):
                if tokens[position][0] != ",":
                    fields.append((name, tokens[position][0]))
                position += 1
            position += 1
        else:
            position += 1
            fields.append((name, start))
    if closing:
        where = tokens[min(position, len(tokens) - 1)][1] if tokens else 1
        raise PrototxtError(f"line {where}: the text ends, or another bracket closes, where {closing!r} is missing")
    return Message(fields), position


def _at(tokens: list[tuple[str, int]], position: int) -> str:
    return tokens[position][0] if position < len(tokens) else ""
