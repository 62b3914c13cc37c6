"""What a build for GPUs finds on a machine: its compiler, one for C++ that goes with it, and what to compile for."""

from __future__ import annotations

import sys

import pytest

from fwconformance.frameworks.caffe.building import PackagesMissing
from fwconformance.frameworks.caffe.building._cuda import ARCHITECTURES, toolkit

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Caffe is built on Linux; programs here are scripts")
RELEASE = "Cuda compilation tools, release 11.8, V11.8.89"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Adds a program to an otherwise bare PATH; what it is asked with is its `$*`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(name, body):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        program.chmod(0o755)

    add.environment = {"PATH": str(folder)}
    return add


def test_without_cudas_compiler_it_says_what_to_install(machine):
    """And that there is a Caffe without."""
    with pytest.raises(PackagesMissing, match=r"there is no nvcc .* nvidia-cuda-toolkit.*, or use caffe-cpu"):
        toolkit(machine.environment)


def test_an_older_compiler_is_taken_where_the_first_is_too_new(machine):
    machine("nvcc", f'case "$*" in --version) echo "{RELEASE}";; *g++-11*) exit 0;; *) exit 1;; esac')
    for name in ("g++", "g++-12", "g++-11"):
        machine(name, "exit 0")
    found = toolkit(machine.environment)
    assert found.version == "11.8"
    assert found.host.endswith("g++-11")
    assert found.settings()["CUDA_HOST_COMPILER"] == found.host
    assert found.settings()["CPU_ONLY"] == "OFF"


def test_a_compiler_that_was_named_is_the_only_one_tried(machine):
    machine("nvcc", f'case "$*" in --version) echo "{RELEASE}";; *) echo "unsupported GNU version" >&2; exit 1;; esac')
    machine("g++", "exit 0")
    with pytest.raises(PackagesMissing, match=r"unsupported GNU version\).*NVCC_CCBIN"):
        toolkit({**machine.environment, "NVCC_CCBIN": "g++"})


def test_an_nvcc_without_a_release_is_not_trusted(machine):
    machine("nvcc", "echo something else")
    with pytest.raises(PackagesMissing, match="does not say its release: something else"):
        toolkit(machine.environment)


@pytest.mark.parametrize(
    ("smi", "asked", "expected"),
    [
        (None, "", ("60", "70", "80")),
        ("echo 9.0; echo 8.6; echo 9.0", "", ("86", "90")),
        ("echo no devices were found", "", ("60", "70", "80")),
        ("echo 9.0", "75 80", ("75", "80")),
    ],
    ids=["nobody-says", "of-the-gpus", "no-gpu", "asked-for"],
)
def test_what_it_is_compiled_for(machine, smi, asked, expected):
    """The GPUs that are here, each kind once, unless others are asked for."""
    machine("nvcc", f'case "$*" in --version) echo "{RELEASE}";; *) exit 0;; esac')
    machine("g++", "exit 0")
    if smi:
        machine("nvidia-smi", smi)
    found = toolkit({**machine.environment, ARCHITECTURES: asked})
    assert found.architectures == expected
    assert found.settings()["CUDA_ARCH_BIN"] == " ".join(expected)
    assert found.settings()["CUDA_ARCH_PTX"] == expected[-1]
