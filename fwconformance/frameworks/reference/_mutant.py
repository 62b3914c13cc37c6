"""What a mutant is, and how the fault modules put theirs down: one decorated class or function each."""

from __future__ import annotations

import re
from typing import Any, Callable, TypeVar

import attrs

from fwconformance.frameworks.reference._framework import Parts, Reference

Change = Callable[[Parts], Parts]
Faulty = TypeVar("Faulty", bound=Callable[..., Any])


@attrs.frozen(kw_only=True)
class Mutant:
    """The reference with one fault, and what must notice it.

    Attributes:
        name: unique, kebab-case; as in `--fw-mutant`.
        capability: whose cell turns red.
        cases: the cases of it that must fail, each by an assertion.
        description: one sentence, what is broken.
        change: makes the faulty parts of the sound ones.
    """

    name: str
    capability: str
    cases: tuple[str, ...]
    description: str
    change: Change

    def create(self) -> Reference:
        """The faulty reference."""
        return Reference(self.change(Parts()), mutant=self.name)


REGISTERED: dict[str, Mutant] = {}
"""Filled by the fault modules as they are imported; read it through `_mutants.MUTANTS`, which imports them all."""


def fault(capability: str, cases: str, where: Callable[[Any], Change], name: str = "") -> Callable[[Faulty], Faulty]:
    """Registers the decorated class or function as a mutant called like it, described by its docstring.

    Args:
        capability: whose cell turns red.
        cases: the cases that must fail, separated by spaces.
        where: what it is put in the place of; `layer`, `loss`, `optimizer`, `piece` or `part`.
        name: another name, for a fault that kills cases of several capabilities.
    """

    def register(faulty: Faulty) -> Faulty:
        called = name or re.sub(r"(?<!^)(?=[A-Z])", "-", faulty.__name__.replace("_", "-")).lower()
        if called in REGISTERED:
            raise ValueError(f"two mutants are called {called}")
        REGISTERED[called] = Mutant(
            name=called,
            capability=capability,
            cases=tuple(cases.split()),
            description=" ".join((faulty.__doc__ or "").split()),
            change=where(faulty),
        )
        return faulty

    return register


def layer(*descriptions: type) -> Callable[[Any], Change]:
    """In the place of the layer class of each of `descriptions`."""
    return lambda faulty: (
        lambda parts: attrs.evolve(parts, layers={**parts.layers, **dict.fromkeys(descriptions, faulty)})
    )


def mixed_into(*descriptions: type) -> Callable[[Any], Change]:
    """Mixed into the layer class of each of `descriptions`, before its own methods."""

    def change(parts: Parts, mixin: Any) -> Parts:
        mixed = {one: type(mixin.__name__, (mixin, parts.layers[one]), {}) for one in descriptions}
        return attrs.evolve(parts, layers={**parts.layers, **mixed})

    return lambda faulty: lambda parts: change(parts, faulty)


def loss(kind: str) -> Callable[[Any], Change]:
    """In the place of one loss function."""
    return lambda faulty: lambda parts: attrs.evolve(parts, losses={**parts.losses, kind: faulty})


def optimizer(*descriptions: type) -> Callable[[Any], Change]:
    """In the place of the optimizer class of each of `descriptions`."""
    return lambda faulty: (
        lambda parts: attrs.evolve(parts, optimizers={**parts.optimizers, **dict.fromkeys(descriptions, faulty)})
    )


def piece(name: str) -> Callable[[Any], Change]:
    """In the place of one piece."""
    return lambda faulty: lambda parts: attrs.evolve(parts, pieces={**parts.pieces, name: faulty})


def part(name: str) -> Callable[[Any], Change]:
    """In the place of the "model", the "planned" model, the "trainer" or the "randomness"."""
    return lambda faulty: lambda parts: attrs.evolve(parts, **{name: faulty})
