# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""What every part of a network is."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Tuple

from mxnet import gluon

Pick = Callable[[Any], Any]
Shape = Tuple[int, ...]


class Part(gluon.HybridBlock):
    """One layer of a network. `lengths` (batch,) or None is for layers that read sequences.

    `sources`, where there are any: indices of the parts whose outputs it takes instead, -1 for the network's inputs.
    """

    inner: Any
    sources: tuple[int, ...] = ()

    def hybrid_forward(self, ops: Any, x: Any, lengths: Any = None) -> Any:
        return self.inner(x)

    @property
    def called(self) -> Any:
        """What a network calls: `inner` where the part only hands on to it, else the part itself.

        A block around a block takes its time in each call, which Gluon's users do not have.
        """
        return self.inner if type(self).hybrid_forward is Part.hybrid_forward else self

    def read(self, pick: Pick) -> dict[str, Any]:
        """Trained weights by role, in the neutral layout."""
        return {}

    def state(self) -> dict[str, Any]:
        """Parameters that are kept but not trained, by role."""
        return {}

    def write(self, values: Mapping[str, Any]) -> None:
        """Take neutral `values` by role."""


class Plain(Part):
    """A block without weights."""

    def __init__(self, make: Callable[[], Any]) -> None:
        super().__init__()
        with self.name_scope():
            self.inner = make()
