"""Planting a fault: an attribute replaced for a while."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Callable, ContextManager, Iterator

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


def planted(module: str, path: str, make: Callable[[Any], Any]) -> Callable[[], ContextManager[None]]:
    """What replaces the attribute at the dotted `path` of `module`, as `replaced` does; the module is imported then."""

    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        owner: Any = importlib.import_module(module)
        *owners, name = path.split(".")
        for each in owners:
            owner = getattr(owner, each)
        with replaced(owner, name, make):
            yield

    return apply
