"""ONNX Runtime's shared library, for programs in other languages: that of its Python package."""

from __future__ import annotations

import pathlib

import attrs

from fwconformance.frameworks import Unavailable
from fwconformance.runtimes._packaged import packaged

#: To install where it is nowhere; any release that bindings of other languages were written for does.
_VERSION = "1.32.0"
_NAMES = ("libonnxruntime.so.*", "libonnxruntime.*.dylib", "onnxruntime.dll")


@attrs.frozen(kw_only=True)
class Library:
    """A shared library: its path, and the version of what it lies in."""

    path: pathlib.Path
    version: str


def onnxruntime_library() -> Library:
    """Where the Python package onnxruntime keeps its shared library.

    Raises Unavailable where no interpreter has the package, or where the package holds no such library; what
    `packaged` raises.
    """
    found = packaged("onnxruntime", _VERSION, ["onnxruntime/__init__.py"])
    folder = found.paths[0].parent / "capi"
    for name in _NAMES:
        for path in sorted(folder.glob(name)):
            return Library(path=path, version=found.version)
    raise Unavailable(
        f"onnxruntime {found.version} holds no shared library for other programs to load: install "
        f"onnxruntime=={_VERSION} in its place"
    )
