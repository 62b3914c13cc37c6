"""The build: source to wheel, one step after another, each said and logged."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import sysconfig
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Callable, Mapping

from fwconformance._archive import VARIABLE, cache_folder
from fwconformance.frameworks.caffe.building import _changes, _packages, _source
from fwconformance.frameworks.caffe.building._cuda import Toolkit, toolkit
from fwconformance.frameworks.caffe.building._errors import BuildError
from fwconformance.frameworks.caffe.building._key import cache_key, ingredients
from fwconformance.frameworks.caffe.building._log import Log
from fwconformance.frameworks.caffe.building._pack import pack


def store() -> Path:
    """Where wheels, source and logs are kept. Raises BuildError where this user has no cache."""
    folder = cache_folder()
    if folder is None:
        raise BuildError(f"this user has no cache folder; point {VARIABLE} to a writable one")
    return folder / "caffe"


#: What is said where `source_archive` is not there.
NO_SOURCE = f"Caffe's source is not kept here: build Caffe (`tox -e caffe-cpu`), or name a copy by {_source.COPY}"


def source_archive(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the source lies, if it does: the copy that the user names, else what a build keeps."""
    copy = environment.get(_source.COPY, "")
    return Path(copy) if copy and "://" not in copy else store() / "source" / _source.ARCHIVE


def built_wheel(say: Callable[[str], None] = print, *, device: str = "cpu", attempt: bool = False) -> Path:
    """The wheel for this interpreter: the kept one, or built now. Raises BuildError and PackagesMissing.

    `device` is "cpu" or "cuda". `attempt`: also try with a Python that Debian 12 has no Boost.Python for.
    """
    kept = store()
    if not attempt and (sys.version_info[:2] != (3, 11) or not sys.platform.startswith("linux")):
        raise BuildError("Caffe is built for Python 3.11 on Debian 12, whose Boost.Python is for that one")
    cuda = toolkit() if device == "cuda" else None
    folder = kept / cache_key(ingredients(cuda))
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
    folder = kept / cache_key(ingredients(cuda))
    work = Path(tempfile.mkdtemp(prefix="building-", dir=str(kept)))
    try:
        wheel = _build(work, kept, log, cuda)
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


def _build(work: Path, kept: Path, log: Log, cuda: Toolkit | None) -> Path:
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
    log.run(["cmake", "-S", tree, "-B", work / "build", *_settings(work, cuda)])
    log.step("compiling: about five minutes of one core")
    log.run(["cmake", "--build", work / "build", "--target", "caffe", "pycaffe", "caffe.bin", *_jobs()])
    log.step("packing the wheel")
    plain = pack(work / "stage", tree, work / "build", work, "cuda" if cuda else "cpu")
    where = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    log.run(
        [sys.executable, "-m", "auditwheel", "repair", "--plat", _platform(), *_LEFT, "-w", work / "whole", plain],
        env={"PATH": where, "LD_LIBRARY_PATH": str(work / "build" / "lib")},
    )
    (wheel,) = (work / "whole").glob("*.whl")
    return wheel


#: CUDA's libraries go with the driver and are hundreds of megabytes: a wheel uses those of the machine.
_LEFT = tuple(word for name in ("cudart", "cublas", "cublasLt", "curand") for word in ("--exclude", f"lib{name}.so.*"))


def _jobs() -> list[str]:
    """CMAKE_BUILD_PARALLEL_LEVEL is cmake's own; without it ninja would start two more than there are cores."""
    if os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL"):
        return []
    return ["--parallel", str(len(os.sched_getaffinity(0)))]


def _platform() -> str:
    """The C library's version is part of it: what the wheel holds was linked against this machine's."""
    version = platform.libc_ver()[1].split(".")
    return f"manylinux_{version[0]}_{version[1]}_{platform.machine()}"


def _settings(work: Path, cuda: Toolkit | None = None) -> list[str]:
    import numpy as np

    # An extension module finds Python's symbols in the interpreter that loads it: Caffe's files want a library to
    # link, an empty one keeps the wheel free of one Python's path.
    nothing = work / "libnothing.a"
    nothing.write_bytes(b"!<arch>\n")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    given = {
        "CMAKE_BUILD_TYPE": "Release",
        "CMAKE_CXX_FLAGS": "-std=c++14 -w",
        "CPU_ONLY": "ON",
        "USE_OPENCV": "OFF",
        "USE_LEVELDB": "OFF",
        "USE_LMDB": "OFF",
        "USE_HDF5": "ON",
        "BLAS": "Open",
        "BUILD_docs": "OFF",
        "BUILD_matlab": "OFF",
        "BUILD_python": "ON",
        # Not in the library, whose C++ users would need a Python to link: the extension has it, see `_changes`.
        "BUILD_python_layer": "OFF",
        "python_version": version,
        "PYTHON_EXECUTABLE": sys.executable,
        "PYTHON_INCLUDE_DIR": sysconfig.get_path("include"),
        "PYTHON_LIBRARY": nothing,
        "NUMPY_INCLUDE_DIR": np.get_include(),
        **(cuda.settings() if cuda else {}),
    }
    return ["-G", "Ninja", *(f"-D{name}={value}" for name, value in given.items())]
