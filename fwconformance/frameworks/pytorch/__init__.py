"""PyTorch, through torch.nn, torch.optim and autograd. torch is imported by `create`, not by this package."""

from __future__ import annotations

from fwconformance.frameworks._protocol import Framework


def create(backend: str = "", device: str = "cpu") -> Framework:
    """The adapter on `device`: "cpu", "cuda", "mps", "xpu", "tpu", "xla", or "auto" (an accelerator if one is there).

    "tpu" and "xla" are torch_xla's device, where its client computes on a TPU or on the host's CPU.

    Raises ValueError for a backend (PyTorch has none to choose) or a device that it does not know, `Unavailable` where
    the device is not there, and ImportError where torch is not installed.
    """
    from fwconformance.frameworks.pytorch._adapter import PyTorch

    return PyTorch(backend=backend, device=device)
