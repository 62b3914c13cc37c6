"""A fault of derivatives of derivatives that every framework's automatic differentiation can be given."""

from __future__ import annotations

from typing import Any, Callable


def half_curved(constant: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Makes of tanh the mean of it and of its tangent at each value: right value and slope, half the curvature.

    `constant`: the framework's own way to take a value out of differentiation.
    """

    def make(original: Any) -> Any:
        def tanh(x: Any) -> Any:
            fixed = constant(x)
            y = original(fixed)
            return (original(x) + y + (1 - y * y) * (x - fixed)) / 2

        return tanh

    return make
