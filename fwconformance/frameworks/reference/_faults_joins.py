"""Faults of shortcuts and routes: each class is the reference's own with one thing wrong."""

from __future__ import annotations

from typing import Any

from fwconformance.frameworks import _network as net
from fwconformance.frameworks.reference._joins import Route, Shortcut
from fwconformance.frameworks.reference._layer import Array, Call, Gradients
from fwconformance.frameworks.reference._mutant import fault, layer


@fault("layers.branches", "shortcut", layer(net.Shortcut))
class ShortcutLeftOut(Shortcut):
    """What comes by the shortcut is not added."""

    def forward(self, inputs: tuple[Array, ...], call: Call) -> tuple[Array, Any]:
        return inputs[0], None


@fault("layers.branches", "shortcut", layer(net.Shortcut))
class ShortcutWithoutGradient(Shortcut):
    """No gradient goes back by the shortcut."""

    def backward(self, upstream: Array, cache: Any) -> tuple[tuple[Array, ...], Gradients]:
        return (upstream, upstream * 0.0), {}


@fault("layers.branches", "channels features", layer(net.Route))
class RouteOutOfOrder(Route):
    """Branches are joined in the reverse order."""

    def forward(self, inputs: tuple[Array, ...], call: Call) -> tuple[Array, Any]:
        return super().forward(inputs[::-1], call)

    def backward(self, upstream: Array, cache: Any) -> tuple[tuple[Array, ...], Gradients]:
        parts, gradients = super().backward(upstream, cache)
        return parts[::-1], gradients


@fault("layers.branches", "channels features", layer(net.Route))
class RouteGradientOfTheFirst(Route):
    """Gradients go back to the first of the branches that meet alone."""

    def backward(self, upstream: Array, cache: Any) -> tuple[tuple[Array, ...], Gradients]:
        (first, *others), gradients = super().backward(upstream, cache)
        return (first, *(part * 0.0 for part in others)), gradients
