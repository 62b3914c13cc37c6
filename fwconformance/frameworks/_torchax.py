# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""torchax, PyTorch's way to XLA: operations of torch become JAX's, which write StableHLO.

torch is handed in, as the module, by the adapters that share this.
"""

from __future__ import annotations

import contextlib
import importlib
from typing import Any, Iterator

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Unavailable

_LISTS = "_foreach_"


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


@contextlib.contextmanager
def taken_by_keras(torch: Any, torchax: Any) -> Iterator[None]:
    """Inside, Keras takes torchax' tensors as they are, and its optimizers find operations on lists of them.

    torchax makes its tensors on torch's device "meta", whose tensors Keras takes for empty, and has no lowering for
    what torch does to lists of tensors at once: here it is done to one after another, which is what it means.
    """
    names = [name for name in dir(torch) if name.startswith(_LISTS)]
    with contextlib.ExitStack() as stack:
        stack.enter_context(replaced(torchax.tensor.Tensor, "is_meta", lambda _original: property(lambda _self: False)))
        for name in names:
            stack.enter_context(replaced(torch, name, lambda _original, name=name: _one_by_one(name[len(_LISTS) :])))
        yield


def _one_by_one(method: str) -> Any:
    def run(tensors: Any, *others: Any, **named: Any) -> Any:
        if "alpha" in named:
            # As a tensor, in a program: torch would read its number.
            factor = named.pop("alpha")
            others = ([each * factor for each in others[0]], *others[1:])
        rows = [[each[n] if isinstance(each, (list, tuple)) else each for each in others] for n in range(len(tensors))]
        done = [getattr(tensor, method)(*row, **named) for tensor, row in zip(tensors, rows)]
        return None if method.endswith("_") else done

    return run
