"""The plain wheel of a build: Python's files, the extension, the command line tool and the headers.

The libraries that they need, Caffe's own among them, are put beside them by auditwheel.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

from fwconformance.frameworks.caffe.building._errors import BuildError
from fwconformance.frameworks.caffe.building._source import VERSION

_NEEDS = ("numpy", "protobuf", "scikit-image", "scipy", "six")


def pack(stage: Path, tree: Path, build: Path, folder: Path, device: str) -> Path:
    """The wheel in `folder`, of the source in `tree` and what cmake made of it in `build`; `stage` is made for it.

    `device` ("cpu", "cuda") is kept in it as ``caffe/built_for.txt``: nothing in pycaffe says it without ending the
    process. Raises BuildError where the build lacks one of its parts.
    """
    package = stage / "caffe"
    shutil.copytree(
        str(tree / "python" / "caffe"),
        str(package),
        ignore=shutil.ignore_patterns("test", "*.cpp", "_caffe.so", "proto", "__pycache__"),
    )
    _one(build, "_caffe.so", package)
    _one(build, "caffe_pb2.py", package / "proto")
    (package / "proto" / "__init__.py").touch()
    shutil.copytree(str(tree / "include"), str(package / "include"))
    _one(build, "caffe.pb.h", package / "include" / "caffe" / "proto")
    _one(build / "tools", "caffe", stage / f"caffe-{VERSION}.data" / "scripts")
    (package / "built_for.txt").write_text(f"{device}\n", encoding="utf-8")
    info = stage / f"caffe-{VERSION}.dist-info"
    info.mkdir()
    needs = "".join(f"Requires-Dist: {name}\n" for name in _NEEDS)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: caffe\nVersion: {VERSION}\n{needs}", encoding="utf-8")
    (info / "WHEEL").write_text(
        f"Wheel-Version: 1.0\nGenerator: fwconformance\nRoot-Is-Purelib: false\nTag: {_tag()}\n", encoding="utf-8"
    )
    return zipped(stage, info.name, folder / f"caffe-{VERSION}-{_tag()}.whl")


def _tag() -> str:
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    return f"{python}-{python}-linux_x86_64"


def zipped(stage: Path, info: str, wheel: Path) -> Path:
    """All files below `stage` as the file `wheel`, with the RECORD that belongs into the folder `info`."""
    lines = []
    with zipfile.ZipFile(str(wheel), "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(path for path in stage.rglob("*") if path.is_file()):
            name, content = path.relative_to(stage).as_posix(), path.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.append(f"{name},sha256={digest},{len(content)}\n")
            # With its mode: the tool has to stay a program.
            packed.write(str(path), name)
        record = f"{info}/RECORD"
        packed.writestr(record, "".join([*lines, f"{record},,\n"]))
    return wheel


def _one(build: Path, name: str, folder: Path) -> None:
    found = [path for path in sorted(build.rglob(name)) if path.is_file()]
    if not found:
        raise BuildError(f"the build made no {name}")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy2(str(found[0].resolve()), str(folder / name))
