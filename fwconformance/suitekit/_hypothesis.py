"""Hypothesis for the suites, or stand-ins that make a case `unavailable` where Hypothesis is not installed."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable

from fwconformance.frameworks import Unavailable

try:
    from hypothesis import assume as assume
    from hypothesis import example as example
    from hypothesis import given as given
    from hypothesis import note as note
    from hypothesis import strategies as st
except ImportError:

    def given(*positional: Any, **named: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Stand-in: the test asks for its fixtures as ever, and says that Hypothesis is not installed."""

        def decorate(test: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(test)
            def unavailable(**fixtures: Any) -> None:
                raise Unavailable("hypothesis not installed")

            parameters = list(inspect.signature(test).parameters.values())
            if positional:  # Hypothesis fills positional strategies in from the right
                parameters = parameters[: -len(positional)]
            kept = [parameter for parameter in parameters if parameter.name not in named]
            unavailable.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]
            return unavailable

        return decorate

    def example(*_: Any, **__: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Stand-in."""
        return lambda test: test

    def assume(condition: object) -> bool:
        """Stand-in; never reached, since no test body runs."""
        raise Unavailable("hypothesis not installed")

    def note(value: object) -> None:
        """Stand-in; never reached."""
        raise Unavailable("hypothesis not installed")

    class _Strategies:
        """Stands for `hypothesis.strategies` and for every strategy made of it: any attribute, any call, gives it back."""

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return self

        def __call__(self, *_: Any, **__: Any) -> Any:
            return self

        def __or__(self, other: object) -> Any:
            return self

    st: Any = _Strategies()  # type: ignore[no-redef]

__all__ = ["assume", "example", "given", "note", "st"]
