"""Hypothesis for the suites, or stand-ins that make a case `unavailable` where Hypothesis is not installed."""

from __future__ import annotations

import functools
import importlib.util
import inspect
from typing import TYPE_CHECKING, Any, Callable

from fwconformance import _hypothesis_profile
from fwconformance.frameworks import Unavailable

REASON = "hypothesis not installed"

_Test = Callable[..., Any]


def stand_in_for_given(*positional: Any, **named: Any) -> Callable[[_Test], _Test]:
    """`given`: the test asks for its fixtures as ever, and says that Hypothesis is not installed."""

    def decorate(test: _Test) -> _Test:
        @functools.wraps(test)
        def unavailable(**fixtures: Any) -> None:
            raise Unavailable(REASON)

        parameters = list(inspect.signature(test).parameters.values())
        if positional:  # Hypothesis fills positional strategies in from the right
            parameters = parameters[: -len(positional)]
        kept = [parameter for parameter in parameters if parameter.name not in named]
        unavailable.__signature__ = inspect.Signature(kept)  # type: ignore[attr-defined]
        return unavailable

    return decorate


class StandInForStrategies:
    """`hypothesis.strategies`, and every strategy made of it: any attribute and any call gives it back."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *_: Any, **__: Any) -> Any:
        return self

    def __or__(self, other: object) -> Any:
        return self


def stand_in_for_assume(condition: object) -> bool:
    """`assume`; never reached in a test, since no body runs."""
    raise Unavailable(REASON)


if TYPE_CHECKING or importlib.util.find_spec("hypothesis") is not None:
    from hypothesis import assume, given
    from hypothesis import strategies as st

    _hypothesis_profile.load()
else:
    given, st, assume = stand_in_for_given, StandInForStrategies(), stand_in_for_assume

__all__ = ["assume", "given", "st"]
