"""The reference: a small framework of our own in NumPy float64.

It is the numerical oracle of the suites, the embedded default that needs no installation, and the body that mutants
are cut from.
"""

from __future__ import annotations

from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.reference._framework import Parts as Parts
from fwconformance.frameworks.reference._framework import Reference as Reference
from fwconformance.frameworks.reference._tensor import Tensor as Tensor


def create(backend: str = "", device: str = "cpu", mutant: str = "") -> Reference:
    """The reference, or the mutant of it that is called `mutant`.

    Raises ValueError for a backend or an unknown mutant, Unavailable for a device other than the CPU.
    """
    if backend:
        raise ValueError(f"the reference has no backend to choose; leave {backend!r} out")
    if device not in ("cpu", "auto"):
        raise Unavailable(f"the reference computes on the CPU only, not on {device}")
    if not mutant:
        return Reference()
    from fwconformance.frameworks.reference._mutants import MUTANTS

    if mutant not in MUTANTS:
        raise ValueError(f"unknown mutant {mutant!r}; known are: {', '.join(sorted(MUTANTS))}")
    return MUTANTS[mutant].create()
