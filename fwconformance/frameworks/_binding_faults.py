"""Faults of every rung of a ladder: a program that gives back what it was given, another model file, wrong
expectations.
"""

from __future__ import annotations

import contextlib
from typing import Any, Callable, ContextManager, Iterator, Sequence

import attrs

from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._pieces_bindings import RUNGS, Project, Releases
from fwconformance.frameworks._protocol import Sabotage

_PARROT = "cpp/reference-parrot"
#: What numbers are multiplied by that are to be wrong.
OFF = 1.01


@attrs.frozen(kw_only=True)
class Wrong:
    """A fault that one rung has to notice.

    Attributes:
        name: its last words; the language's and the case's come first.
        rung: of every ladder that it is planted in.
        place: (owner, attribute) of what is replaced.
        make: gives what takes its place, of the original.
        description: one sentence.
    """

    name: str
    rung: str
    place: tuple[Any, str]
    make: Callable[[Any], Any]
    description: str


def too_large(original: Callable[..., Any]) -> Callable[..., Any]:
    """What gives a hundredth too much."""

    def off(*arguments: Any, **named: Any) -> Any:
        return original(*arguments, **named) * OFF

    return off


def without_a_step(original: Callable[..., Any]) -> Callable[..., Any]:
    """An optimizer's step that does nothing."""

    def step(self: Any, *arguments: Any, **named: Any) -> None:
        return None

    return step


def ladder(
    piece: type, language: str, wrongs: Sequence[Wrong], *, case: str = "official", rungs: Sequence[str] = RUNGS
) -> Sequence[Sabotage]:
    """The faults of one ladder: a parrot for each of `rungs`, and `wrongs`."""
    return (
        *parrots(piece, language, case=case, rungs=rungs),
        *(
            Sabotage(
                name=_named(language, case, wrong.name),
                kills=f"binding.{language}.{wrong.rung}",
                case=case,
                apply=_replacing(wrong),
                description=wrong.description,
            )
            for wrong in wrongs
        ),
    )


def _named(language: str, case: str, name: str) -> str:
    return "-".join((language, *(() if case == "official" else (case,)), name))


def _replacing(wrong: Wrong) -> Callable[[], ContextManager[None]]:
    return lambda: replaced(*wrong.place, wrong.make)


def parrots(piece: type, language: str, *, case: str = "official", rungs: Sequence[str] = RUNGS) -> Sequence[Sabotage]:
    """One sabotage a rung: where `piece` names its programs in `language`, each is one that prints the inputs back."""
    return tuple(
        Sabotage(
            name=_named(language, case, f"parrot-{rung}"),
            kills=f"binding.{language}.{rung}",
            case=case,
            apply=_parroting(piece),
            description="The program prints the inputs back.",
        )
        for rung in rungs
    )


def between_releases(piece: type, case: str) -> Sequence[Sabotage]:
    """Of the pair of releases that `piece` names for `case` of binding.breaks-between-versions."""

    def fault(name: str, change: Callable[[Releases], Releases], description: str) -> Sabotage:
        def make(original: Callable[..., Any]) -> Callable[..., Any]:
            return lambda self: [change(Releases.from_json(one)).to_json() for one in original(self)]

        return Sabotage(
            name=f"releases-{case}-{name}",
            kills="binding.breaks-between-versions",
            case=case,
            apply=lambda: replaced(piece, "releases", make),
            description=description,
        )

    return (
        fault(
            "parrot",
            lambda pair: attrs.evolve(pair, older=_parrot_of(pair.older), newer=_parrot_of(pair.newer)),
            "The program prints the inputs back.",
        ),
        fault(
            "another-program",
            lambda pair: attrs.evolve(pair, newer=parrot(pair.newer)),
            "Another program is built with the later release.",
        ),
        fault(
            "one-release",
            lambda pair: attrs.evolve(pair, newer=pair.older),
            "Both programs are built with the earlier release.",
        ),
        fault(
            "swapped",
            lambda pair: attrs.evolve(pair, older=pair.newer, newer=pair.older),
            "The program is said to work with the later release, which it does not build with.",
        ),
    )


def _parrot_of(project: Project) -> Project:
    return attrs.evolve(parrot(project), settings={"RELEASE": project.artifact})


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
        unmet="",
        unavailable="",
        needs={},
    )
