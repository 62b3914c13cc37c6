"""Keras 3 on TensorFlow, torch or JAX. The backend is chosen before Keras is imported, and only the chosen one is
imported.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from fwconformance.frameworks._protocol import Unavailable

if TYPE_CHECKING:
    from fwconformance.frameworks.keras._adapter import Keras

BACKENDS = ("tensorflow", "torch", "jax")


def create(backend: str = "", device: str = "cpu") -> Keras:
    """The adapter for Keras on `backend` ("" for tensorflow), working on `device` ("cpu", "cuda", "tpu", "auto").

    Raises ValueError for an unknown backend; Unavailable where Keras was imported on another backend (it cannot
    change within a process)
    or the device is not here.
    """
    chosen = backend or BACKENDS[0]
    if chosen not in BACKENDS:
        raise ValueError(f"Keras has no backend {chosen!r} here; known are {', '.join(BACKENDS)}")
    _choose(chosen)
    from fwconformance.frameworks.keras._adapter import Keras

    return Keras(chosen, device)


def _choose(backend: str) -> None:
    """Set KERAS_BACKEND, which Keras reads once, when it is imported."""
    imported = sys.modules.get("keras")
    if imported is not None:
        running = imported.backend.backend()
        if running != backend:
            raise Unavailable(
                f"Keras was already imported in this process on {running}; it cannot change to {backend}. "
                f"Start a process of its own for keras on {backend}"
            )
    os.environ["KERAS_BACKEND"] = backend
