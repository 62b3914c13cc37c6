"""Operators of a standard by a framework's own functions: the table that an adapter fills, and the look for names."""

from __future__ import annotations

import importlib
from typing import Any, Callable, Mapping, Sequence

import attrs

from fwconformance.frameworks._probes import Lookup, refuse
from fwconformance.frameworks._protocol import NotAdapted
from fwconformance.frameworks._seam import SeamViolation

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


def unpooled_shape(attributes: Mapping[str, Any], x: Any) -> tuple[int, ...]:
    """What a pooled (N, C, spatial...) array was the maxima of, where windows do not overlap."""
    return (*x.shape[:2], *(size * stride for size, stride in zip(x.shape[2:], attributes["strides"])))


def of_type(name: str) -> Callable[..., Any]:
    """What the function gives, whose type must have `name` in it: `compute` turns all into one type afterwards."""

    def take(result: Any, _attributes: Mapping[str, Any], *_inputs: Any) -> Any:
        if name not in str(result.dtype):
            raise TypeError(f"the result's type is {result.dtype}, not {name}")
        return result

    return take


@attrs.frozen
class Call:
    """One public function that does an operator's work.

    Attributes:
        by: its dotted name, from the framework's package on, or that of a layer or operator that the framework lists;
            "a|b" where it has had two names.
        give: its arguments.
        take: (result, attributes, native inputs) to the output, or to a list of them.
        near: it is what comes next to the operator, and does another thing: that is looked at, and shown.
    """

    by: str
    give: Give = as_they_are
    take: Callable[..., Any] = the_result
    near: bool = False


#: Letters up to which a word must be the whole name: "min" is in "AdamInit".
_WHOLE = 4


@attrs.frozen(kw_only=True)
class Names:
    """Looks for public names of `places` (label to module or class) with one of `words` in them.

    Case and underscores do not count. A word of up to four letters must be the whole name. `others`: names with such a
    word in them that mean something else.
    """

    places: Mapping[str, Any]
    words: Sequence[str]
    others: Sequence[str] = ()

    def run(self) -> tuple[bool, str]:
        """(there is none, the evidence in words)."""
        public = [(label, name) for label, place in self.places.items() for name in dir(place) if name[0] != "_"]
        found = sorted(f"{label}.{name}" for label, name in public if name not in self.others and self._meant(name))
        where = ", ".join(self.places)
        if found:
            return False, f"there is {', '.join(found[:5])}"
        whole, parts = ([word for word in self.words if (len(word) <= _WHOLE) is short] for short in (True, False))
        asked = [f"is called {' or '.join(whole)}"] if whole else []
        asked += [f"has {' or '.join(parts)} in it"] if parts else []
        but = f" but {' and '.join(self.others)}, which is something else" if self.others else ""
        return True, f"of {len(public)} public names of {where} none {' or '.join(asked)}{but}"

    def _meant(self, name: str) -> bool:
        plain = name.lower().replace("_", "")
        return any(word == plain if len(word) <= _WHOLE else word in plain for word in self.words)


class OperatorTable:
    """Piece "operators" over a table of calls. An adapter says how values become its tensors and back."""

    def __init__(
        self,
        calls: Mapping[str, Call],
        *,
        places: Mapping[str, Any],
        native: Callable[[Call, Any], Any],
        result: Callable[[Any], Any],
        function: Callable[[str], Any] | None = None,
        absent: Callable[[tuple[str, ...]], Any] | None = None,
        others: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """`native`: (call, array) to a tensor for it; `result`: what a call gives to a tensor of the float type.

        `function`: name to what is called, None where nothing is called so; `absent`: names to the probe that shows
        that there is none of them. By default names are dotted ones. `others`: operator to names that are like its own
        and mean something else.
        """
        self._calls = calls
        self._places = places
        self._native = native
        self._result = result
        self._function = function or resolved
        self._absent = absent or _dotted
        self._others = others or {}

    def find(self, operator: str, words: Sequence[str]) -> Mapping[str, Any]:
        """See `Operators.find`."""
        call = self._calls.get(operator)
        if call is None:
            refuse(Names(places=self._places, words=words, others=self._others.get(operator, ())))
        names = tuple(call.by.split("|"))
        by = next((name for name in names if self._function(name) is not None), None)
        if by is None:
            refuse(self._absent(names))
        return {"by": by, "near": call.near}

    def compute(self, operator: str, inputs: Sequence[Any], attributes: Mapping[str, Any]) -> Sequence[Any]:
        """See `Operators.compute`. What goes wrong before the function is called is not the framework's answer."""
        if operator not in self._calls:
            raise NotAdapted(f"our adapter has no call for {operator} yet")
        call = self._calls[operator]
        native = [None if value is None else self._native(call, value) for value in inputs]
        function = next(found for found in map(self._function, call.by.split("|")) if found is not None)
        try:
            given, named = call.give(attributes, *native)
        except Exception as error:
            raise SeamViolation("arguments", f"ours for {call.by} cannot be made: {error!r}") from error
        taken = call.take(function(*given, **named), attributes, *native)
        return [self._result(one) for one in (taken if isinstance(taken, (list, tuple)) else [taken])]


def _dotted(names: tuple[str, ...]) -> Lookup:
    """Looks for none of these, all of one package."""
    package = names[0].partition(".")[0]
    inside = tuple(name.partition(".")[2] for name in names)
    return Lookup(root=importlib.import_module(package), label=package, names=inside)


def resolved(dotted: str) -> Any:
    """What `dotted` names, looked up now; None where nothing is called so."""
    package, *names = dotted.split(".")
    here: Any = importlib.import_module(package)
    for name in names:
        try:
            here = getattr(here, name)
        except AttributeError:
            return None
    return here
