"""A train step of Keras on torch as a program for an accelerator: not adapted yet.

torch reaches XLA through torchax, whose tensors Keras' own conversions would have to take for torch's.
"""

from __future__ import annotations

from typing import NoReturn

from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks.keras._backends import Backend


def piece(name: str, backend: Backend, device: str) -> NoReturn:
    """Raises NotAdapted."""
    raise NotAdapted("the Keras adapter does not hand Keras on torch to torchax, which writes torch's programs for XLA")
