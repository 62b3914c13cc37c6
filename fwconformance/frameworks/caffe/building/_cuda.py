"""What a build for GPUs needs beside the rest: CUDA's compiler, a C++ compiler that it takes, names of processors."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Mapping

import attrs

from fwconformance.frameworks.caffe.building._errors import PackagesMissing

ARCHITECTURES = "FWCONFORMANCE_CAFFE_ARCHITECTURES"
_NEEDS = "Caffe for GPUs is built by CUDA's compiler"
#: Newest first; a release of nvcc takes none that came after it.
_HOSTS = ("g++", "g++-13", "g++-12", "g++-11", "g++-10", "g++-9", "g++-8")
#: Processors that CUDA 11 and 12 both know; later ones translate the last one's program when it is loaded.
_COMMON = ("60", "70", "80")
_PROGRAM = "#include <vector>\n__global__ void one(float* x) { *x = 1; }\nint main() { return 0; }\n"


@attrs.frozen(kw_only=True)
class Toolkit:
    """CUDA's toolkit. `version` is what nvcc calls its release; `host` the C++ compiler that it works with."""

    nvcc: Path
    version: str
    host: str
    architectures: tuple[str, ...]

    def settings(self) -> dict[str, str]:
        """cmake's settings of a build with it. Without cuDNN: Caffe's own kernels do all, and it knows no later one
        than 7.
        """
        return {
            "CPU_ONLY": "OFF",
            "USE_CUDNN": "OFF",
            "USE_NCCL": "OFF",
            "CUDA_TOOLKIT_ROOT_DIR": str(self.nvcc.parent.parent),
            "CUDA_NVCC_EXECUTABLE": str(self.nvcc),
            "CUDA_HOST_COMPILER": self.host,
            "CUDA_NVCC_FLAGS": "-std=c++14;-w",
            "CUDA_ARCH_NAME": "Manual",
            "CUDA_ARCH_BIN": " ".join(self.architectures),
            "CUDA_ARCH_PTX": self.architectures[-1],
        }

    def says(self) -> str:
        """For the key of a kept wheel."""
        return f"{self.version} {self.host} {' '.join(self.architectures)}"


def toolkit(environment: Mapping[str, str] = os.environ) -> Toolkit:
    """The one of this machine. Raises PackagesMissing with what to do where there is none, or none that compiles."""
    places = [
        *(str(Path(environment[name], "bin")) for name in ("CUDA_HOME", "CUDA_PATH") if environment.get(name)),
        environment.get("PATH", ""),
        "/usr/local/cuda/bin",
    ]
    found = shutil.which("nvcc", path=os.pathsep.join(places))
    if found is None:
        raise PackagesMissing(
            f"{_NEEDS}, and there is no nvcc in CUDA_HOME, on PATH or in /usr/local/cuda: install CUDA's toolkit "
            "(Debian: nvidia-cuda-toolkit, of the component non-free), or use caffe-cpu"
        )
    nvcc = Path(found).resolve()
    said = _run([str(nvcc), "--version"])
    release = re.search(r"release ([0-9.]+)", said.stdout)
    if release is None:
        raise PackagesMissing(f"{_NEEDS}, and {found} does not say its release: {(said.stdout + said.stderr)[:200]}")
    return Toolkit(
        nvcc=nvcc, version=release.group(1), host=_host(nvcc, environment), architectures=_architectures(environment)
    )


def _host(nvcc: Path, environment: Mapping[str, str]) -> str:
    """The first C++ compiler that nvcc compiles a small program with."""
    asked = environment.get("NVCC_CCBIN")
    wrong = ""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "one.cu")
        program.write_text(_PROGRAM, encoding="utf-8")
        for name in (asked,) if asked else _HOSTS:
            path = shutil.which(name, path=environment.get("PATH"))
            if path is None:
                continue
            done = _run([str(nvcc), "-ccbin", path, "-std=c++14", "-c", str(program), "-o", str(Path(folder, "one.o"))])
            if done.returncode == 0:
                return path
            wrong = wrong or (done.stderr.strip().splitlines() or ["?"])[0][:200]
    raise PackagesMissing(
        f"{_NEEDS}, and {nvcc} compiles nothing with the C++ compilers here ({wrong or 'there is none'}): install an "
        "older g++, or name one by NVCC_CCBIN"
    )


def _architectures(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Of the GPUs here, as ("80",), those that were asked for, or common ones where no GPU is seen."""
    asked = environment.get(ARCHITECTURES, "").split()
    if asked:
        return tuple(asked)
    if shutil.which("nvidia-smi", path=environment.get("PATH")) is None:
        return _COMMON
    done = _run(["nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader"])
    seen = re.findall(r"^(\d+)\.(\d+)$", done.stdout, flags=re.MULTILINE)
    return tuple(sorted({major + minor for major, minor in seen}, key=int)) or _COMMON


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)
