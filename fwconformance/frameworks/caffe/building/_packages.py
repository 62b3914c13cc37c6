"""Debian's packages that a build needs: looked for always, installed only where the user said so."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Callable, Mapping, Sequence

from fwconformance.frameworks.caffe.building._errors import BuildError, PackagesMissing

VARIABLE = "FWCONFORMANCE_SYSTEM_PACKAGES"

PACKAGES = (
    "cmake",
    "dpkg-dev",
    "g++",
    "libboost-filesystem-dev",
    "libboost-python-dev",
    "libboost-system-dev",
    "libboost-thread-dev",
    "libgflags-dev",
    "libgoogle-glog-dev",
    "libhdf5-dev",
    "libopenblas-dev",
    "libprotobuf-dev",
    "ninja-build",
    "protobuf-compiler",
)


def missing(packages: Sequence[str] = PACKAGES, run: Callable[..., object] = subprocess.run) -> tuple[str, ...]:
    """Those of `packages` that dpkg does not have installed. Raises PackagesMissing where there is no dpkg."""
    if run is subprocess.run and shutil.which("dpkg-query") is None:
        raise PackagesMissing(
            "build packages missing: Caffe is built with those of Debian 12, and this machine has no dpkg"
        )
    found = run(
        ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        universal_newlines=True,
        check=False,
    )
    installed = {
        line.split()[0] for line in str(getattr(found, "stdout", "")).splitlines() if line.endswith(" installed")
    }
    return tuple(package for package in packages if package not in installed)


def command(packages: Sequence[str]) -> list[str]:
    return ["apt-get", "install", "--yes", "--no-install-recommends", *packages]


def require(log: Callable[[Sequence[str]], None], environment: Mapping[str, str] = os.environ) -> None:
    """Have every package, installing what is missing where FWCONFORMANCE_SYSTEM_PACKAGES=install.

    `log` runs a command and raises BuildError where it fails. Raises PackagesMissing, also where apt cannot install
    them.
    """
    absent = missing()
    if not absent:
        return
    if environment.get(VARIABLE) != "install":
        raise PackagesMissing(
            f"build packages missing: {', '.join(absent)}. Install them with `{' '.join(command(absent))}` as root, or "
            f"let this do it: {VARIABLE}=install"
        )
    prefix = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    try:
        log([*prefix, "apt-get", "update"])
        log([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *command(absent)])
    except BuildError as error:
        raise PackagesMissing(
            f"build packages missing: {', '.join(absent)}; installing them failed: {error}"
        ) from error
