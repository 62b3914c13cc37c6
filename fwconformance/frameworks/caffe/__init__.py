"""Caffe, through pycaffe: nets by NetSpec, training by its solvers. `create` imports caffe, this package does not."""

from __future__ import annotations

from fwconformance.frameworks._protocol import Framework


def create(backend: str = "", device: str = "cpu") -> Framework:
    """The adapter on `device`: "cpu", "cuda", or "auto".

    Raises ValueError for a backend (Caffe has none to choose) or a device that it does not know, `Unavailable` where
    the device is not there or the build was made without it, and ImportError where caffe is not installed.
    """
    from fwconformance.frameworks.caffe._adapter import Caffe

    return Caffe(backend=backend, device=device)
