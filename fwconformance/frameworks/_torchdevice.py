"""What a device shows through torch, for the adapters of PyTorch and of Keras on it. torch is handed in."""

from __future__ import annotations

from typing import Any

from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import NotAdapted


def limit_memory(torch: Any, device: Any, limit: int) -> None:
    """Let torch take `limit` bytes of the memory of `device` and no more.

    Raises `Unsupported` where torch has no such limit for that kind of device, NotAdapted where its size is not known.
    """
    device = torch.device(device)
    module: Any = getattr(torch, device.type, None)
    if not hasattr(module, "set_per_process_memory_fraction"):
        refuse(Lookup(root=module, label=f"torch.{device.type}", names=("set_per_process_memory_fraction",)))
    module.set_per_process_memory_fraction(limit / _total(module, device))


def _total(module: Any, device: Any) -> int:
    if hasattr(module, "get_device_properties"):
        return int(module.get_device_properties(device).total_memory)
    if hasattr(module, "recommended_max_memory"):
        return int(module.recommended_max_memory())
    raise NotAdapted(f"nobody has told this adapter how large the memory of {device.type} is")
