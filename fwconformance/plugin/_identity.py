"""Who observes, where, with which versions: the header, made without importing a framework."""

from __future__ import annotations

import platform
import re
import subprocess
import sys
import uuid
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from fwconformance._version import __version__
from fwconformance.evidence import Header
from fwconformance.shards._journal import now

if TYPE_CHECKING:
    from fwconformance.plugin._options import Options
    from fwconformance.plugin._suites import Suites

# What takes part in a result beside the framework.
_OURS = ("attrs", "hypothesis", "numpy", "pytest", "pytest-benchmark", "pytest-xdist")


def make_header(options: Options, suites: Suites, device: str) -> Header:
    """The header of this run; `device` is the one asked for, "auto" already resolved."""
    framework, backend = options.entry.name, options.backend
    declared = suites.registry.environment_for(framework, backend, device)
    default = declared.name if declared else "-".join(part for part in (framework, backend, *device.split(":")) if part)
    return Header(
        run=str(uuid.uuid4()),
        environment=options.environment or default,
        label=options.label or default_label(device),
        framework=framework,
        backend=backend,
        device=device,
        profile=options.profile.value,
        seed=options.seed,
        versions={**_versions(), **options.entry.versions(backend)},
        python=platform.python_version(),
        platform={
            "system": platform.system(),
            "release": platform.release(),
            "machine": platform.machine(),
            "processor": processor(),
        },
        suite_version=__version__,
        suite_content=suites.content,
        started=now(),
        mutant=options.mutant or options.sabotage,
        only=[name if case is None else f"{name}:{case}" for name, case in options.only],
    )


def _versions() -> dict[str, str]:
    found = {}
    for distribution in _OURS:
        try:
            found[distribution] = metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
    return found


def default_label(device: str) -> str:
    """Device model, operating system and architecture; never the host's name."""
    model = (graphics_card() if device.split(":", maxsplit=1)[0] == "cuda" else None) or processor()
    return ", ".join(part for part in (model, platform.system(), platform.machine()) if part)


def processor() -> str:
    """The processor's model name as the system states it; its architecture where it states none."""
    name: str | None = None
    if sys.platform.startswith("linux"):
        name = _first_match(Path("/proc/cpuinfo"), r"^(?:model name|Hardware|cpu model)\s*:\s*(.+)$")
    elif sys.platform == "darwin":
        command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        try:
            name = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=5, check=False
            ).stdout.decode()
        except (OSError, subprocess.SubprocessError):
            name = None
    return " ".join((name or platform.processor() or platform.machine()).split())


def graphics_card() -> str | None:
    """Model name of the first NVIDIA card, as its driver states it."""
    for information in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        name = _first_match(information, r"^Model:\s*(.+)$")
        if name:
            return " ".join(name.split())
    return None


def _first_match(path: Path, pattern: str) -> str | None:
    try:
        found = re.search(pattern, path.read_text(errors="replace"), re.MULTILINE)
    except OSError:
        return None
    return found.group(1) if found else None


def surely_no_cuda() -> bool:
    """Whether this machine certainly has no CUDA device: its driver is not there or counts none.

    False where this cannot be told (an AMD card, which PyTorch calls "cuda" too): then the framework decides.
    """
    if Path("/dev/kfd").exists():
        return False
    import ctypes  # not for runs on a CPU

    name = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"
    try:
        driver = ctypes.CDLL(name)
        count = ctypes.c_int(0)
        return bool(driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0 or count.value == 0)
    except OSError:
        return True
    except AttributeError:
        return False
