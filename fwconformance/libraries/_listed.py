"""The lists: which libraries, of which area, on which framework; which packages with weights."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Mapping

import attrs

from fwconformance.registry import fixtures_dir
from fwconformance.registry._read import read_toml


@attrs.frozen(kw_only=True)
class Held:
    """A framework's release of today.

    Attributes:
        distribution: the framework's own.
        requirements: what is installed beside each of its libraries, and may not be moved.
        pythons: versions of interpreters that it runs on, in the order in which they are tried.
    """

    distribution: str
    requirements: tuple[str, ...]
    pythons: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Library:
    """One place in the list.

    Attributes:
        area, framework: where it stands. slot: "first", or "second" where two are listed.
        requirement: distribution, extras and exact version.
        rank: among the 15,000 most downloaded distributions of the index; 0 is none of these.
        released: month of that version.
        beside: what the library's own guide says to install with it.
        afterwards: what its guide says to install on machines without a GPU, in the place of what it requires.
        overrides: what stands in the place of its own requirements, where these exclude the framework's release.
        job: what its program does.
        held: the framework.
        checked: the day on which `requirement` was the newest; nothing younger is installed.
    """

    area: str
    framework: str
    slot: str
    requirement: str
    rank: int
    released: str
    beside: tuple[str, ...]
    afterwards: tuple[str, ...]
    job: str
    held: Held
    checked: str
    overrides: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Of the distribution."""
        return re.split(r"[\[=]", self.requirement)[0]

    @property
    def version(self) -> str:
        return self.requirement.partition("==")[2]

    @property
    def program(self) -> Path:
        """What puts it to use."""
        return fixtures_dir() / "ecosystem" / "uses" / self.framework / f"{self.name.replace('-', '_')}.py"


@attrs.frozen(kw_only=True)
class Listed:
    """A whole list. `areas`: id to title. `lacking`: (area, framework) without a library, to what was looked for."""

    areas: Mapping[str, str]
    held: Mapping[str, Held]
    libraries: tuple[Library, ...]
    lacking: Mapping[tuple[str, str], str]

    def of(self, framework: str) -> tuple[Library, ...]:
        """Those on one framework."""
        return tuple(each for each in self.libraries if each.framework == framework)

    def place(self, framework: str, area: str, slot: str) -> Library | None:
        """The library in that place, None where none is listed."""
        found = (each for each in self.libraries if (each.framework, each.area, each.slot) == (framework, area, slot))
        return next(found, None)


def listed(path: Path | None = None) -> Listed:
    """What `path` lists; by default ``fixtures/ecosystem/breadth.toml``. Raises ValueError where it cannot be used."""
    problems: list[str] = []
    document = read_toml(path or fixtures_dir() / "ecosystem" / "breadth.toml", problems)
    if problems:
        raise ValueError("; ".join(problems))
    held = {
        entry["name"]: Held(
            distribution=entry["distribution"], requirements=tuple(entry["held"]), pythons=tuple(entry["pythons"])
        )
        for entry in document["framework"]
    }
    return Listed(
        areas={entry["id"]: entry["title"] for entry in document["area"]},
        held=held,
        libraries=tuple(_library(entry, "area", held, document["checked"]) for entry in document["library"]),
        lacking={(entry["area"], entry["framework"]): entry["looked"] for entry in document.get("none", ())},
    )


def packaged() -> Listed:
    """What ``fixtures/ecosystem/weights.toml`` lists: packages with trained weights, by kind, one a framework.

    Raises ValueError where it cannot be used.
    """
    problems: list[str] = []
    document = read_toml(fixtures_dir() / "ecosystem" / "weights.toml", problems)
    if problems:
        raise ValueError("; ".join(problems))
    held = listed().held
    return Listed(
        areas={entry["id"]: entry["title"] for entry in document["kind"]},
        held=held,
        libraries=tuple(_library(entry, "kind", held, document["checked"]) for entry in document["package"]),
        lacking={(entry["kind"], entry["framework"]): entry["looked"] for entry in document["none"]},
    )


def _library(entry: Mapping[str, Any], group: str, held: Mapping[str, Held], checked: str) -> Library:
    return Library(
        area=entry[group],
        framework=entry["framework"],
        slot=entry.get("slot", "first"),
        requirement=entry["requirement"],
        rank=entry.get("rank", 0),
        released=entry["released"],
        beside=tuple(entry["beside"]),
        afterwards=tuple(entry.get("afterwards", ())),
        job=entry["job"],
        held=held[entry["framework"]],
        checked=checked,
        overrides=tuple(entry.get("overrides", ())),
    )
