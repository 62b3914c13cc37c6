"""A fault for every rung of a framework's bindings: a program that gives back what it was given."""

from __future__ import annotations

import contextlib
from typing import Any, Callable, ContextManager, Iterator, Sequence

import attrs

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks._protocol import Sabotage

_PARROT = "cpp/reference-parrot"


def parrots(piece: type, language: str, *, case: str = "official", rungs: Sequence[str] = RUNGS) -> Sequence[Sabotage]:
    """One sabotage a rung: where `piece` names its programs in `language`, each is one that prints the inputs back."""
    return tuple(
        Sabotage(
            name=f"{language}-parrot-{rung}" if case == "official" else f"{language}-{case}-parrot-{rung}",
            kills=f"binding.{language}.{rung}",
            case=case,
            apply=_parroting(piece),
            description="The program prints the inputs back.",
        )
        for rung in rungs
    )


def _parroting(piece: type) -> Callable[[], ContextManager[None]]:
    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def projects(self: Any, language: str) -> Sequence[dict[str, Any]]:
            return [parrot(Project.from_json(one)).to_json() for one in original(self, language)]

        return projects

    @contextlib.contextmanager
    def apply() -> Iterator[None]:
        with replaced(piece, "projects", make):
            yield

    return apply


def parrot(project: Project) -> Project:
    """`project` with the program that gives back what it was given; its version stays what is expected."""
    return attrs.evolve(
        project,
        folder=_PARROT,
        shared="",
        tool="cmake",
        settings={},
        environment={},
        refusal="",
        unavailable="",
        needs={},
    )
