"""Whether the last release still compiles as it is: the files that we change, compiled without our changes.

All other files of the library are compiled unchanged in the build itself, so these decide. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Mapping

import attrs

from fwconformance.frameworks.caffe.building._changes import CHANGES
from fwconformance.frameworks.caffe.building._source import check
from fwconformance.frameworks.caffe.building._wheel import NO_SOURCE, source_archive

#: Of the library's own sources, those that are changed to be compiled at all.
SOURCES = tuple(change.file for change in CHANGES if change.file.startswith("src/") and change.file.endswith(".cpp"))


@attrs.frozen(kw_only=True)
class Unchanged:
    """Compiles `sources` below `tree` as they were released, with the compiler and libraries of this machine."""

    tree: Path
    sources: tuple[str, ...] = SOURCES
    flags: tuple[str, ...] = ()

    def run(self) -> tuple[bool, str]:
        """(one does not compile, the compiler's first error or what compiled)."""
        command = ["g++", "-std=c++14", "-fsyntax-only", "-w", "-DCPU_ONLY", "-Iinclude", "-Igenerated", *self.flags]
        for source in self.sources:
            done = _run([*command, source], self.tree)
            if done.returncode:
                errors = [line for line in done.stderr.splitlines() if "error:" in line] or done.stderr.splitlines()
                return True, f"g++ {_version('g++', self.tree)} on {source} as released: {errors[0] if errors else '?'}"
        return False, f"g++ {_version('g++', self.tree)} compiles {', '.join(self.sources)} as released"


def lacking(environment: Mapping[str, str] = os.environ) -> str:
    """What this machine lacks for it, "" where nothing."""
    programs = [name for name in ("g++", "protoc") if shutil.which(name, path=environment.get("PATH")) is None]
    if programs:
        return f"{' and '.join(programs)} are not installed here"
    return "" if source_archive(environment).is_file() else NO_SOURCE


def unpacked(folder: Path, environment: Mapping[str, str] = os.environ) -> Path:
    """The released source below `folder`, its protocol buffers compiled. Raises BuildError for another source, and
    OSError with protoc's words where these do not compile.
    """
    archive = source_archive(environment)
    check(archive)
    with tarfile.open(str(archive)) as packed:
        packed.extractall(str(folder))  # noqa: S202  # its SHA-256 was checked
    tree = min(folder.glob("**/CMakeLists.txt"), key=lambda path: len(path.parts)).parent
    generated = tree / "generated" / "caffe" / "proto"
    generated.mkdir(parents=True)
    done = _run(["protoc", f"--cpp_out={generated}", "-Isrc/caffe/proto", "src/caffe/proto/caffe.proto"], tree)
    if done.returncode:
        raise OSError(f"protoc: {done.stderr.strip()[:300]}")
    return tree


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=str(folder), env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, check=False
    )


def _version(program: str, folder: Path) -> str:
    return _run([program, "-dumpfullversion"], folder).stdout.strip()
