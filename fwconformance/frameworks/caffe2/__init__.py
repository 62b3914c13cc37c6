"""Caffe2, as PyTorch 1.0 to 1.11 carried it. `create` imports caffe2, this package does not."""

from __future__ import annotations

from fwconformance.frameworks._protocol import Framework


def create(backend: str = "", device: str = "cpu") -> Framework:
    """The adapter on `device`: "cpu", "cuda", or "auto".

    Raises ValueError for a backend (Caffe2 has none to choose) or a device that it does not know, `Unavailable` where
    the device is not there, and ImportError where no PyTorch that carries Caffe2 is installed.
    """
    from fwconformance.frameworks.caffe2._adapter import Caffe2

    return Caffe2(backend=backend, device=device)
