"""Operators of a standard by a framework's own functions: the table that an adapter fills, and the look for names."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Mapping, Sequence

import attrs

from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import NotAdapted

#: (attributes, native inputs) to the function's arguments, by place and by name.
Give = Callable[..., "tuple[Sequence[Any], Mapping[str, Any]]"]


def as_they_are(_attributes: Mapping[str, Any], *inputs: Any) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """The inputs, in their order."""
    return inputs, {}


def named(**names: str) -> Give:
    """The first input, and attributes under the function's names for them: function's to the standard's."""
    return lambda attributes, x, *_: ((x,), {name: attributes[own] for name, own in names.items()})


def the_result(result: Any, _attributes: Mapping[str, Any], *_inputs: Any) -> Any:
    """What the function gives."""
    return result


@attrs.frozen
class Call:
    """One public function that does an operator's work.

    Attributes:
        by: its dotted name, from the framework's package on; "a|b" where it has had two names.
        give: its arguments.
        take: (result, attributes, native inputs) to the output, or to a list of them.
        near: it is what comes next to the operator, and does another thing: that is looked at, and shown.
    """

    by: str
    give: Give = as_they_are
    take: Callable[..., Any] = the_result
    near: bool = False


@attrs.frozen(kw_only=True)
class Names:
    """Looks for public names of `places` (label to module or class) with one of `words` in them.

    Case and underscores do not count. A word of up to four letters must be the whole name.
    """

    places: Mapping[str, Any]
    words: Sequence[str]

    def run(self) -> tuple[bool, str]:
        """(there is none, the evidence in words)."""
        public = [(label, name) for label, place in self.places.items() for name in dir(place) if name[0] != "_"]
        found = sorted(f"{label}.{name}" for label, name in public if self._meant(name))
        where = ", ".join(self.places)
        if found:
            return False, f"there is {', '.join(found[:5])}"
        return True, f"of {len(public)} public names of {where} none has {' or '.join(self.words)} in it"

    def _meant(self, name: str) -> bool:
        plain = name.lower().replace("_", "")
        return any(word == plain if len(word) <= 4 else word in plain for word in self.words)


class OperatorTable:
    """Piece "operators" over a table of calls. An adapter says how values become its tensors and back."""

    def __init__(
        self,
        calls: Mapping[str, Call],
        *,
        places: Mapping[str, Any],
        native: Callable[[Call, Any], Any],
        result: Callable[[Any], Any],
    ) -> None:
        """`native`: (call, array) to a tensor for it; `result`: what a call gives to a tensor of the float type."""
        self._calls = calls
        self._places = places
        self._native = native
        self._result = result

    def find(self, operator: str, words: Sequence[str]) -> Mapping[str, Any]:
        """See `Operators.find`."""
        call = self._calls.get(operator)
        if call is None:
            refuse(Names(places=self._places, words=words))
        by = next((name for name in call.by.split("|") if _resolved(name) is not None), None)
        if by is None:
            package = call.by.partition(".")[0]
            names = tuple(name.partition(".")[2] for name in call.by.split("|"))
            refuse(Lookup(root=importlib.import_module(package), label=package, names=names))
        return {"by": by, "near": call.near}

    def compute(self, operator: str, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Sequence[Any]:
        """See `Operators.compute`."""
        if operator not in self._calls:
            raise NotAdapted(f"our adapter has no call for {operator} yet")
        call = self._calls[operator]
        native = [None if value is None else self._native(call, value) for value in inputs]
        function = next(found for found in map(_resolved, call.by.split("|")) if found is not None)
        given, named = call.give(attributes, *native)
        taken = call.take(function(*given, **named), attributes, *native)
        return [self._result(one) for one in (taken if isinstance(taken, (list, tuple)) else [taken])]


def _resolved(dotted: str) -> Any:
    """What `dotted` names, looked up now; None where nothing is called so."""
    package, *names = dotted.split(".")
    here: Any = importlib.import_module(package)
    for name in names:
        try:
            here = getattr(here, name)
        except AttributeError:
            return None
    return here
