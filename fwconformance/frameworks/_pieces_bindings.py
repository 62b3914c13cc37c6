"""Protocol of the piece that reaches a framework from other languages, and what it says of each program."""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Protocol, Sequence

import attrs

from fwconformance.frameworks._network import Network
from fwconformance.frameworks._protocol import Array, Model, Tensor

#: The ladder, from the first rung; all but the first are what a program is called with.
RUNGS = ("install", "arithmetic", "inference", "gradients", "training", "saving", "custom-layer", "errors")


def _several(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


@attrs.frozen(kw_only=True)
class Project:
    """A small program in another language that uses a framework through one of its bindings.

    It lies below ``fixtures/bindings/<language>/``, is built by the tool of its ecosystem, and is called
    ``<program> version`` or ``<program> <rung> <folder>``: it reads ``input.json`` in that folder and writes
    ``output.json``.

    Attributes:
        language: "cpp", "java", ... as in the capabilities.
        framework: whose binding it is.
        artifact: what a user of it installs or links ("libtorch of the installed torch", "org.pytorch:...").
        lineage: "official" or "community".
        because: one sentence: why it counts as that.
        folder: of the program, below ``fixtures/bindings``.
        shared: folder of what several programs use, below ``fixtures/bindings``; "" without one.
        tool: what builds it: a name in `fwconformance.bindings.TOOLS`.
        rungs: those that the program offers, "install" not named.
        settings: what the tool is told, name to value: paths and versions of the framework that is installed here. For
            tools that are told by variables, "{source}" in a value is the copied folder of the program.
        version: what ``<program> version`` must print.
        environment: added to our own where the program runs.
        case: of the ladder that it is for; its lineage where "".
        refusal: matches what the build tool says first where the binding itself does not fit the framework that is
            installed: then the binding lacks the rung, and our program is not at fault.
        unmet: matches what the build tool says where what is installed here does not fit together, whatever the
            binding has: then the rung is untested.
        unavailable: why it cannot be tried, though it was there at the time of the framework that is installed.
        needs: programs that must be on the path where it runs, "a|b" for either of two, to what to install.
    """

    language: str
    framework: str
    artifact: str
    lineage: str
    because: str
    folder: str
    tool: str
    rungs: tuple[str, ...] = attrs.field(converter=_several)
    version: str
    shared: str = ""
    settings: Mapping[str, str] = attrs.field(factory=dict)
    environment: Mapping[str, str] = attrs.field(factory=dict)
    case: str = ""
    refusal: str = ""
    unmet: str = ""
    unavailable: str = ""
    needs: Mapping[str, str] = attrs.field(factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return attrs.asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Project:
        """What `to_json` gave."""
        return cls(**stored)


def beside(installed: str, since: tuple[int, int], *todays: Project) -> tuple[Project, ...]:
    """`todays`, programs for artifacts of today, beside the framework's release `installed`.

    Before `since` they are of years later than it, and what a user then had is another artifact: unavailable, whatever
    they do.
    """
    if tuple(int(part) for part in installed.split(".")[:2]) >= since:
        return todays
    why = f"of years later than {installed}, and there is no program for what there was beside that yet"
    return tuple(attrs.evolve(project, unavailable=project.unavailable or why) for project in todays)


@attrs.frozen(kw_only=True)
class Releases:
    """One program, unchanged, with two releases of its binding.

    Attributes:
        case: of binding.breaks-between-versions.
        older: with a release that it works with. Its rungs are what the program does.
        newer: the same with a later release of the same major version. Its `refusal` matches what the build tool says
            first where the program's own source does not fit that release.
    """

    case: str
    older: Project
    newer: Project

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return attrs.asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Releases:
        """What `to_json` gave."""
        older, newer = (Project.from_json(stored[name]) for name in ("older", "newer"))
        return cls(case=stored["case"], older=older, newer=newer)


class Bindings(Protocol):
    """Piece "bindings": the framework from other languages.

    What crosses is files: a program is told nothing else of Python's side.
    """

    def projects(self, language: str) -> Sequence[Mapping[str, Any]]:
        """``Project(...).to_json()`` of each program in `language`, the official ones first.

        Raises `Unsupported` through a probe where the framework has no binding for it, NotAdapted where we have no
        program yet, `Unavailable` where something that they need is not installed here.
        """
        ...

    def releases(self) -> Sequence[Mapping[str, Any]]:
        """``Releases(...).to_json()`` of each pair of releases that there is a program for.

        Raises NotAdapted where there is none yet.
        """
        ...

    def export(self, project: Mapping[str, Any], model: Model, inputs: Array, folder: str) -> Mapping[str, str]:
        """Write `model`, in inference mode and for any batch size, for that program: name to file below `folder`.

        `inputs`: an example batch. The program looks the files up by these names.
        """
        ...

    def restored(
        self, project: Mapping[str, Any], network: Network, files: Mapping[str, str], folder: str, inputs: Array
    ) -> Tensor:
        """Python's outputs for `inputs` from what that program saved: `files`, name to file below `folder`.

        `network` says what was saved, for formats that hold weights alone. Raises what the framework raises for a file
        that it does not read.
        """
        ...


BINDING_PIECES: Mapping[str, Any] = {"bindings": Bindings}
