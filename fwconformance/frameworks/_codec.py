"""What crosses to another process: neutral descriptions, plain values and arrays, as JSON beside an .npz file."""

from __future__ import annotations

import json
import pathlib
from typing import Any, Mapping

import attrs
import numpy as np

from fwconformance.frameworks import _network
from fwconformance.frameworks._training import Training

_DESCRIPTIONS: Mapping[str, type] = {
    "Training": Training,
    **{
        name: kind
        for name, kind in vars(_network).items()
        if isinstance(kind, type) and attrs.has(kind) and kind.__module__ == _network.__name__
    },
}


def write(folder: pathlib.Path, name: str, value: Any) -> None:
    """Write `value` to ``name.json`` and ``name.npz`` in `folder`, the JSON last: where it is, all is.

    Raises TypeError for what is neither None, bool, int, float, str, an array, a neutral description nor a list,
    tuple or mapping (with string keys) of these.
    """
    arrays: dict[str, Any] = {}
    text = json.dumps(_encode(value, arrays))
    np.savez(folder / f"{name}.npz", **arrays)
    partial = folder / f"{name}.json.part"
    partial.write_text(text, encoding="utf-8")
    partial.replace(folder / f"{name}.json")


def read(folder: pathlib.Path, name: str) -> Any:
    """What `write` wrote. Raises FileNotFoundError where it was not (wholly) written."""
    text = (folder / f"{name}.json").read_text(encoding="utf-8")
    with np.load(str(folder / f"{name}.npz"), allow_pickle=False) as arrays:
        return _decode(json.loads(text), arrays)


def _encode(value: Any, arrays: dict[str, Any]) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.ndarray, np.generic)):
        key = str(len(arrays))
        arrays[key] = np.asarray(value)
        return {"array": key}
    if isinstance(value, (list, tuple)):
        return {"tuple" if isinstance(value, tuple) else "list": [_encode(item, arrays) for item in value]}
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a mapping that crosses to another process needs string keys")
        return {"mapping": {key: _encode(item, arrays) for key, item in value.items()}}
    if _DESCRIPTIONS.get(type(value).__name__) is type(value):
        kind: Any = type(value)
        fields = {field.name: _encode(getattr(value, field.name), arrays) for field in attrs.fields(kind)}
        return {"description": type(value).__name__, "fields": fields}
    raise TypeError(f"{type(value).__module__}.{type(value).__qualname__} does not cross to another process")


def _decode(value: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return np.array(arrays[value["array"]])
    if "list" in value:
        return [_decode(item, arrays) for item in value["list"]]
    if "tuple" in value:
        return tuple(_decode(item, arrays) for item in value["tuple"])
    if "mapping" in value:
        return {key: _decode(item, arrays) for key, item in value["mapping"].items()}
    fields = {key: _decode(item, arrays) for key, item in value["fields"].items()}
    return _DESCRIPTIONS[value["description"]](**fields)
