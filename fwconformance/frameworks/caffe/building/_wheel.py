"""The build: source to wheel, one step after another, each said and logged."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Callable, Sequence

from fwconformance._archive import VARIABLE, cache_folder
from fwconformance.frameworks.caffe.building import _changes, _packages, _source
from fwconformance.frameworks.caffe.building._errors import BuildError
from fwconformance.frameworks.caffe.building._key import cache_key, ingredients

_PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
_TAG = f"{_PYTHON}-{_PYTHON}-linux_x86_64"
_NEEDS = ("numpy", "protobuf", "scikit-image", "scipy", "six")


class Log:
    """Runs commands, their output in a file; says what goes on. `say` is called with lines for people."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self.path = path
        self.say = say

    def step(self, what: str) -> None:
        self.say(f"caffe: {what}")
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"\n== {what}\n")

    def run(self, command: Sequence[str | Path], cwd: Path | None = None, env: dict[str, str] | None = None) -> None:
        """Raises BuildError where it cannot be started or fails, with the end of what it said."""
        start = self.path.stat().st_size if self.path.exists() else 0
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(map(str, command))}\n")
            file.flush()
            began = last = time.monotonic()
            try:
                child = subprocess.Popen(
                    list(map(str, command)),
                    cwd=str(cwd or self.path.parent),
                    env={**os.environ, **(env or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                )
            except OSError as error:
                raise BuildError(f"{command[0]} cannot be started: {error.strerror}; log: {self.path}") from error
            try:
                while True:
                    try:
                        status = child.wait(timeout=5)
                        break
                    except subprocess.TimeoutExpired:
                        if time.monotonic() - last >= 30:
                            last = time.monotonic()
                            self.say(f"caffe:   {last - began:.0f} s{_progress(self.path, start)}")
            except BaseException:
                child.kill()
                child.wait()
                raise
        if status:
            raise BuildError(
                f"`{Path(str(command[0])).name}` ended with {status}; the log is {self.path}. {_end(self.path)}"
            )


def _progress(path: Path, start: int) -> str:
    with path.open("rb") as file:
        file.seek(max(start, path.stat().st_size - 2000))
        lines = file.read().decode(errors="replace").splitlines()
    counted = [line for line in lines if line.startswith("[") and "/" in line[:12]]
    return f", {counted[-1].split(']')[0][1:]}" if counted else ""


def _end(path: Path) -> str:
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    wrong = [line for line in lines if "error" in line.lower() or line.startswith("E: ")]
    return "It says: " + (wrong or lines or ["nothing"])[-1][:300]


def store() -> Path:
    """Where wheels, source and logs are kept. Raises BuildError where this user has no cache."""
    folder = cache_folder()
    if folder is None:
        raise BuildError(f"this user has no cache folder; point {VARIABLE} to a writable one")
    return folder / "caffe"


def built_wheel(say: Callable[[str], None] = print) -> Path:
    """The wheel for this interpreter: the kept one, or built now. Raises BuildError and PackagesMissing."""
    kept = store()
    if sys.version_info[:2] != (3, 11) or not sys.platform.startswith("linux"):
        raise BuildError("Caffe is built for Python 3.11 on Debian 12, whose Boost.Python is for that one")
    folder = kept / cache_key(ingredients())
    found = sorted(folder.glob("*.whl"))
    if found:
        say(f"caffe: the wheel kept in {folder}")
        return found[0]
    kept.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=time.strftime("build-%Y%m%d-%H%M%S-"), suffix=".log", dir=str(kept))
    os.close(handle)
    log = Log(Path(name), say)
    log.step(f"building; log: {log.path}")
    _packages.require(log.run)
    # The compiler may have come with the packages.
    folder = kept / cache_key(ingredients())
    work = Path(tempfile.mkdtemp(prefix="building-", dir=str(kept)))
    try:
        wheel = _build(work, kept, log)
        folder.mkdir(parents=True, exist_ok=True)
        # Beside it first, so that a kept wheel is whole or not there.
        part = folder / f".{os.getpid()}.part"
        shutil.copyfile(str(wheel), str(part))
        part.replace(folder / wheel.name)
    except OSError as error:
        raise BuildError(f"{error.filename}: {error.strerror}; the log is {log.path}") from error
    finally:
        shutil.rmtree(str(work), ignore_errors=True)
    return folder / wheel.name


def _build(work: Path, kept: Path, log: Log) -> Path:
    log.step("fetching the source")
    sources = kept / "source"
    sources.mkdir(exist_ok=True)
    archive = _source.fetch(sources, lambda command: log.run(command, cwd=sources))
    log.step("unpacking and changing it")
    with tarfile.open(str(archive)) as packed:
        packed.extractall(str(work / "unpacked"))  # noqa: S202  # its SHA-256 was checked
    # Debian's archive has no folder of its own at the top.
    tree = next(
        path.parent for path in sorted((work / "unpacked").glob("**/CMakeLists.txt"), key=lambda p: len(p.parts))
    )
    _changes.apply(tree)
    log.step("configuring")
    log.run(["cmake", "-S", tree, "-B", work / "build", *_settings(work)])
    log.step("compiling: about five minutes of one core")
    # Not the programs: they would need a library of Python's to link.
    log.run(["cmake", "--build", work / "build", "--target", "caffe", "pycaffe"])
    log.step("packing the wheel")
    plain = _pack(work, tree)
    where = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    log.run(
        [sys.executable, "-m", "auditwheel", "repair", "--plat", "linux_x86_64", "-w", work / "whole", plain],
        env={"PATH": where, "LD_LIBRARY_PATH": str(work / "build" / "lib")},
    )
    (wheel,) = (work / "whole").glob("*.whl")
    return wheel


def _settings(work: Path) -> list[str]:
    import numpy as np

    # An extension module finds Python's symbols in the interpreter that loads it: Caffe's files want a library to
    # link, an empty one keeps the wheel free of one Python's path.
    nothing = work / "libnothing.a"
    nothing.write_bytes(b"!<arch>\n")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    given = {
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_CXX_FLAGS": "-std=c++14 -w",
        "CMAKE_INSTALL_RPATH": "$ORIGIN",
        "CMAKE_BUILD_WITH_INSTALL_RPATH": "ON",
        "CPU_ONLY": "ON",
        "USE_OPENCV": "OFF",
        "USE_LEVELDB": "OFF",
        "USE_LMDB": "OFF",
        "USE_HDF5": "ON",
        "BLAS": "Open",
        "BUILD_docs": "OFF",
        "BUILD_matlab": "OFF",
        "BUILD_python": "ON",
        "BUILD_python_layer": "ON",
        "python_version": version,
        "PYTHON_EXECUTABLE": sys.executable,
        "PYTHON_INCLUDE_DIR": sysconfig.get_path("include"),
        "PYTHON_LIBRARY": nothing,
        "NUMPY_INCLUDE_DIR": np.get_include(),
    }
    return ["-G", "Ninja", *(f"-D{name}={value}" for name, value in given.items())]


def _pack(work: Path, tree: Path) -> Path:
    """The plain wheel: Python's files, the extension with libcaffe beside it, and the generated messages."""
    stage = work / "stage" / "caffe"
    shutil.copytree(
        str(tree / "python" / "caffe"), str(stage), ignore=shutil.ignore_patterns("test", "*.cpp", "_caffe.so")
    )
    build = work / "build"
    _one(build, "_caffe.so", stage)
    for library in sorted((build / "lib").glob("libcaffe.so*")):
        if not library.is_symlink():
            shutil.copy2(str(library), str(stage / "libcaffe.so.1.0.0"))
    _one(build, "caffe_pb2.py", stage / "proto")
    (stage / "proto" / "__init__.py").touch()
    version = _source.VERSION
    info = work / "stage" / f"caffe-{version}.dist-info"
    info.mkdir()
    needs = "".join(f"Requires-Dist: {name}\n" for name in _NEEDS)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: caffe\nVersion: {version}\n{needs}", encoding="utf-8")
    (info / "WHEEL").write_text(
        f"Wheel-Version: 1.0\nGenerator: fwconformance\nRoot-Is-Purelib: false\nTag: {_TAG}\n", encoding="utf-8"
    )
    wheel = work / f"caffe-{version}-{_TAG}.whl"
    lines = []
    with zipfile.ZipFile(str(wheel), "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(path for path in (work / "stage").rglob("*") if path.is_file()):
            name, content = path.relative_to(work / "stage").as_posix(), path.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.append(f"{name},sha256={digest},{len(content)}\n")
            packed.writestr(name, content)
        record = f"{info.name}/RECORD"
        packed.writestr(record, "".join([*lines, f"{record},,\n"]))
    return wheel


def _one(build: Path, name: str, folder: Path) -> None:
    found = [path for path in sorted(build.rglob(name)) if path.is_file()]
    if not found:
        raise BuildError(f"the build made no {name}")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy2(str(found[0].resolve()), str(folder / name))
