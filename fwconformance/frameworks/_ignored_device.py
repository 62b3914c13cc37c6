"""The fault of every framework on an accelerator: the device that was asked for is ignored, and the CPU computes."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Iterator

from fwconformance.frameworks._catalog import create
from fwconformance.frameworks._protocol import Sabotage

if TYPE_CHECKING:
    from fwconformance.frameworks._seam import Seam


class OnTheCPU:
    """An adapter on the CPU that says it is on the device `claimed`."""

    def __init__(self, adapter: Any, claimed: str) -> None:
        self.adapter = adapter
        self.device = claimed

    def __getattr__(self, name: str) -> Any:
        return getattr(self.adapter, name)


def sabotages(seam: Seam) -> tuple[Sabotage, ...]:
    """None on the CPU, where there is nothing to ignore. They need nothing of the adapter."""
    if seam.device == "cpu":
        return ()
    kind = seam.device.partition(":")[0]
    cases = {"trains-on-the-cpu": ("train.sgd", "three-steps")}
    if kind != "xla":  # XLA on a CPU is no accelerator, so no capability speaks of training on it
        training = "device.tpu-training" if kind == "tpu" else "device.gpu-training"
        cases["device-request-ignored"] = (training, "train-step")
    return tuple(
        Sabotage(
            name=name,
            kills=capability,
            case=case,
            apply=lambda: _ignoring(seam),
            description=f"{seam.device} was asked for, and the framework silently computes on the CPU.",
        )
        for name, (capability, case) in cases.items()
    )


@contextlib.contextmanager
def _ignoring(seam: Seam) -> Iterator[None]:
    sound: Any = seam.adapter
    claimed = seam.device
    seam.adapter = OnTheCPU(create(seam.name, seam.backend, "cpu"), claimed)
    try:
        yield
    finally:
        seam.adapter = sound
