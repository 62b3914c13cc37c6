"""MXNet, through Gluon, and Symbol where a capability needs it. mxnet is imported by `create`, not by this package."""

from __future__ import annotations

from fwconformance.frameworks._protocol import Framework


def create(backend: str = "", device: str = "cpu") -> Framework:
    """The adapter on `device`: "cpu", "cuda", or "auto" (a GPU if one is there).

    Raises ValueError for a backend (MXNet has none to choose) or a device that it does not know, `Unavailable` where
    the device is not there, and ImportError where mxnet is not installed.
    """
    from fwconformance.frameworks.mxnet._adapter import MXNet

    return MXNet(backend=backend, device=device)
