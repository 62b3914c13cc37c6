# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Nets from specifications, and blobs that hold results."""

from __future__ import annotations

import os
import tempfile
from typing import Any, Mapping

import caffe
import numpy as np


def load(spec: Any, phase: Any = caffe.TEST, *, force_backward: bool = False) -> Any:
    """A net of `spec` (a NetSpec). pycaffe reads nets from files alone."""
    message = spec.to_proto()
    message.force_backward = force_backward
    with written(str(message)) as path:
        return caffe.Net(path, phase)


class written:  # noqa: N801  # used as a function
    """A file that holds `text` inside the ``with``; its path is what ``as`` names."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __enter__(self) -> str:
        handle, self._path = tempfile.mkstemp(suffix=".prototxt")
        with os.fdopen(handle, "w") as file:
            file.write(self._text)
        return self._path

    def __exit__(self, *error: object) -> None:
        os.unlink(self._path)  # noqa: PTH108


def held(values: Mapping[str, Any]) -> dict[str, Any]:
    """Blobs of their own for `values`: what a net computes next does not change them."""
    if not values:
        return {}
    spec = caffe.NetSpec()
    for index, value in enumerate(values.values()):
        # NetSpec fails at an empty list; a shape without dimensions is a scalar's.
        dims = list(np.shape(value))
        spec[f"held{index}"] = caffe.layers.Input(shape={"dim": dims} if dims else {})
    net = load(spec)
    found = {}
    for index, (name, value) in enumerate(values.items()):
        blob = net.blobs[f"held{index}"]
        blob.data[...] = value
        found[name] = blob
    return found
