"""What the machine itself can do: float32 matrix products and copying of memory, by NumPy; the best of some tries."""

from __future__ import annotations

import time
from typing import Any, Callable

import numpy as np

from fwconformance.duels._plan import usable_processors
from fwconformance.duels._records import Limits

_SIDE = 2048
_COPIED = 256 * 2**20  # bytes, beyond any cache
_TRIES = 7


def measure_limits() -> Limits:
    """In this process, with as many threads as NumPy's matrix product takes by itself."""
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    rng = np.random.default_rng(0)
    left, right = (rng.standard_normal((_SIDE, _SIDE), dtype=np.float32) for _ in range(2))
    product = np.empty_like(left)
    source = np.ones(_COPIED // 4, dtype=np.float32)
    target = np.empty_like(source)
    return Limits(
        products=2.0 * _SIDE**3 / _best(lambda: np.matmul(left, right, out=product)),
        copying=2.0 * _COPIED / _best(lambda: np.copyto(target, source)),
        threads=usable_processors(),
        started=started,
        by=f"NumPy {np.__version__}, products of {_SIDE} x {_SIDE}, copies of {_COPIED // 2**20} MiB",
    )


def _best(call: Callable[[], Any]) -> float:
    call()
    found = []
    for _ in range(_TRIES):
        before = time.perf_counter()
        call()
        found.append(time.perf_counter() - before)
    return min(found)
