"""A probe for conventions: which of two ways a framework follows, and whether it can be told to follow the other."""

from __future__ import annotations

import inspect
import math
from typing import Any, Callable, Mapping

import attrs


@attrs.frozen(kw_only=True)
class Convention:
    """Runs the framework once with inputs on which the conventions differ, and looks for a parameter that chooses.

    The thing is absent where what was measured is another convention than the one `asked` for, and `takes` has no
    parameter beyond `known`: a new one may be the choice, and then our adapter has to be looked at.

    Attributes:
        label: the framework's name of the thing, for the evidence.
        measure: runs the framework and returns the number that tells.
        gives: convention to the number that it gives; they must lie further apart than `tolerance`.
        asked: the convention wanted, a key of `gives`.
        takes: the callable whose parameters could choose (an initialiser, a function).
        known: its parameters that are known not to choose.
        tolerance: largest distance at which a number counts as the convention's.
    """

    label: str
    measure: Callable[[], float]
    gives: Mapping[str, float]
    asked: str
    takes: Callable[..., Any]
    known: frozenset[str]
    tolerance: float = 1e-3

    def run(self) -> tuple[bool, str]:
        """(the asked convention is absent, the evidence in words).

        Raises ValueError where the number measured is no convention's.
        """
        seen = self.measure()
        followed = [name for name, value in self.gives.items() if abs(seen - value) <= self.tolerance]
        table = ", ".join(f"{name} gives {value:.4g}" for name, value in sorted(self.gives.items()))
        if len(followed) != 1:
            raise ValueError(f"{self.label}: measured {seen:.4g}, which tells no convention apart ({table})")
        measured = f"{self.label} follows {followed[0]!r}: measured {seen:.4g} ({table})"
        if followed[0] == self.asked:
            return False, measured
        unknown = sorted(set(inspect.signature(self.takes).parameters) - self.known - {"self", "args", "kwargs"})
        if unknown:
            return False, f"{measured}, and it takes parameters that may choose: {', '.join(unknown)}"
        return True, f"{measured}, and no parameter chooses"


#: Decay at which `accumulated` is the same for an RMSProp from 0 whatever the framework calls it.
HALF = 0.5


def epsilon_steps(accumulated: float) -> Mapping[str, float]:
    """How far AdaGrad or RMSProp moves a weight by one step with gradient, rate and epsilon 1, by place of epsilon.

    `accumulated`: the squares, after that step's own.
    """
    return {"outside": 1 / (math.sqrt(accumulated) + 1), "inside": 1 / math.sqrt(accumulated + 1)}


def followed(convention: Convention) -> str:
    """The name of what `convention` measures."""
    seen = convention.measure()
    return min(convention.gives, key=lambda name: abs(convention.gives[name] - seen))
