# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""PyTorch on XLA: torch_xla's device, by whose client a TPU computes ("tpu") or XLA on the host's CPU ("xla")."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any, Mapping

from fwconformance.frameworks._protocol import Unavailable

#: Words of the seam, and the client (PJRT_DEVICE) that each stands for.
CLIENTS: Mapping[str, str] = {"tpu": "TPU", "xla": "CPU"}


def installed() -> bool:
    """Whether torch_xla is there; it is not imported."""
    return importlib.util.find_spec("torch_xla") is not None


def start() -> str:
    """Import torch_xla and start its client: "tpu", "xla" where the host's CPU plays the device, else its name.

    Float32 products are kept float32: a TPU rounds their factors to bfloat16 by default, and the suites' tolerances are
    float32's. Raises Unavailable where torch_xla is not installed, or its client does not start.
    """
    if not installed():
        raise Unavailable(
            "no torch_xla, by which PyTorch reaches XLA and TPUs: `tox -e torch-xla-cpu` has it (on a TPU's host "
            "`tox -e torch-xla-tpu`), or `pip install torch==2.9.1 torch_xla==2.9.0`"
        )
    try:
        torch_xla = importlib.import_module("torch_xla")
        # Asked of the client and not of PJRT_DEVICE, which somebody may have set afterwards.
        real = str(torch_xla.real_devices()[0])
    except (ImportError, OSError, RuntimeError) as error:
        asked = os.environ.get("PJRT_DEVICE", "")
        where = f" with PJRT_DEVICE={asked}" if asked else ""
        raise Unavailable(f"torch_xla does not start{where}: {type(error).__name__}: {_first_line(error)}") from error
    precision = importlib.import_module("torch_xla.backends")
    if precision.get_mat_mul_precision() != "highest":  # each telling is logged as a warning
        precision.set_mat_mul_precision("highest")
    client = real.partition(":")[0]
    return next((word for word, name in CLIENTS.items() if name == client), client)


def resolve(device: str) -> str:
    """`device` ("tpu", "xla", with a number or not), its client started.

    Raises Unavailable where the client computes on something else, so that the one never passes for the other.
    """
    kind, _, index = device.partition(":")
    found = start()
    if found != kind:
        computes = {"tpu": "a TPU", "xla": "the CPU"}.get(found, found)
        instead = f"--fw-device={found}" if found in CLIENTS else "no device that this adapter knows"
        raise Unavailable(
            f"no {'TPU' if kind == 'tpu' else 'XLA client on the CPU'}: torch_xla's client computes on {computes}, "
            f"which is {instead}; PJRT_DEVICE={CLIENTS[kind]} asks for the other"
        )
    count = int(importlib.import_module("torch_xla").device_count())
    if int(index or 0) >= count:
        raise Unavailable(f"no device {device}: torch_xla sees {count} of that kind")
    return kind if not int(index or 0) else device


def seed(value: int) -> None:
    """Seed the generators of XLA's devices, which torch.manual_seed does not reach."""
    importlib.import_module("torch_xla").manual_seed(value)


def finish(device: Any) -> None:
    """Have everything that was asked of `device` computed now, as the last line of a training loop on XLA does.

    Without it the graph would grow over the steps, and each tensor that is read would compile a program of its own.
    """
    if device.type == "xla":
        importlib.import_module("torch_xla").sync()


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "no message")[:300]
