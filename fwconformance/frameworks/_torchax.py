# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""torchax, PyTorch's way to XLA: operations of torch become JAX's, which write StableHLO.

torch is handed in, as the module, by the adapters that share this.
"""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Iterator

from fwconformance.frameworks._protocol import Unavailable


class _Gone:
    """Stands for an overload that torch no longer has, while torchax makes its tables; it is never called."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Gone(f"{self.name}.{name}")


def load(torch: Any) -> Any:
    """The module torchax with its environment made.

    torchax 0.0.13 names overloads that torch has removed since, and would not be imported for them alone: meanwhile
    they are stood in for. Raises `Unavailable` where it or JAX is not installed.
    """
    try:
        importlib.import_module("jax")
        with _stood_in(torch):
            torchax = importlib.import_module("torchax")
            importlib.import_module("torchax.interop")
            torchax.default_env()
    except ImportError as error:
        raise Unavailable(
            f"torch reaches XLA through torchax and jax, which are not here ({error}): install them"
        ) from error
    return torchax


@contextlib.contextmanager
def _stood_in(torch: Any) -> Iterator[None]:
    # The classes themselves: a look-up by name is theirs, and fails in them alone.
    kinds = (type(torch.ops.aten), type(torch.ops.aten.add))
    before = [kind.__getattr__ for kind in kinds]
    for kind, original in zip(kinds, before):
        kind.__getattr__ = _tolerant(original)
    try:
        yield
    finally:
        for kind, original in zip(kinds, before):
            kind.__getattr__ = original


def _tolerant(original: Any) -> Any:
    def look_up(self: Any, name: str) -> Any:
        try:
            return original(self, name)
        except AttributeError:
            if name.startswith("__"):
                raise
            return _Gone(name)

    return look_up
