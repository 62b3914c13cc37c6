"""Planting a fault: an attribute replaced for a while."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, Iterator

_MISSING = object()


@contextlib.contextmanager
def replaced(owner: Any, name: str, make: Callable[[Any], Any]) -> Iterator[None]:
    """`owner.name` is ``make(original)`` inside; restored exactly, also where the owner only inherited it."""
    own = vars(owner).get(name, _MISSING)
    setattr(owner, name, make(getattr(owner, name)))
    try:
        yield
    finally:
        if own is _MISSING:
            delattr(owner, name)
        else:
            setattr(owner, name, own)
