"""Caffe's own classes of messages, which converters of its networks import: out of the kept build of Caffe."""

from __future__ import annotations

import contextlib
import sys
import types
import zipfile
from typing import Any, Iterator

from fwconformance._archive import cache_folder
from fwconformance.frameworks._protocol import Unavailable

_FILE = "caffe/proto/caffe_pb2.py"


def kept_classes() -> str:
    """The source of caffe.proto.caffe_pb2. Raises Unavailable where Caffe was not built for this user."""
    kept = cache_folder()
    wheels = sorted((kept / "caffe").glob("*/caffe-1*.whl")) if kept else []
    for wheel in reversed(wheels):
        with zipfile.ZipFile(str(wheel)) as archive:
            if _FILE in archive.namelist():
                return archive.read(_FILE).decode("utf-8")
    raise Unavailable(
        "the converter imports Caffe's own caffe_pb2, which its distribution does not carry: run `tox -e caffe-cpu` "
        "once, whose kept build has it"
    )


@contextlib.contextmanager
def importable(*names: str) -> Iterator[Any]:
    """Inside, the kept classes can be imported by the last of `names`; those before it are the packages around it.

    Raises what `kept_classes` does, and Unavailable where protobuf is not installed.
    """
    source = kept_classes()
    made = {name: types.ModuleType(name) for name in names}
    for outer in names[:-1]:
        made[outer].__path__ = []
    for name, module in made.items():
        package, _, own = name.rpartition(".")
        if package in made:
            setattr(made[package], own, module)
    before = {name: sys.modules[name] for name in made if name in sys.modules}
    sys.modules.update(made)
    try:
        exec(compile(source, _FILE, "exec"), vars(made[names[-1]]))  # noqa: S102  # our own build
        yield made[names[-1]]
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] != "google":
            raise
        raise Unavailable("the converter needs protobuf: install protobuf beside the framework") from error
    finally:
        for name in made:
            sys.modules.pop(name, None)
        sys.modules.update(before)
