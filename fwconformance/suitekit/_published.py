"""Numbers of parameters as libraries publish them for their architectures."""

from __future__ import annotations

import re
from typing import Mapping

import attrs

from fwconformance.registry import fixtures_dir
from fwconformance.registry._read import read_toml


@attrs.frozen(kw_only=True)
class ParameterCounts:
    """What one library's documentation says.

    Attributes:
        source: address of it.
        read: the date on which it was.
        trained: whether only what is trained counts; else statistics of batch normalisation do too.
        side: rows and columns of the images that the sample is run on.
        sample: architectures of several families.
        counts: architecture to the number as it is printed: "25557032" or, rounded, "25.6M".
        since: of architectures that came later, the library's first release that has them.
    """

    source: str
    read: str
    trained: bool
    side: int
    sample: tuple[str, ...]
    counts: Mapping[str, str]
    since: Mapping[str, str] = attrs.field(factory=dict)

    def of(self, release: str) -> ParameterCounts:
        """Without what came after `release` ("2.4.3")."""
        counts = {
            name: said
            for name, said in self.counts.items()
            if name not in self.since or _numbers(self.since[name]) <= _numbers(release)
        }
        return attrs.evolve(self, counts=counts)

    def value(self, name: str) -> float:
        """The number that is printed for `name`."""
        said = self.counts[name]
        return float(said[:-1]) * 1e6 if said.endswith("M") else float(said)

    def agrees(self, name: str, count: int) -> bool:
        """Whether `count` is what is printed for `name`, rounded or cut off to the digits that are printed."""
        said = self.counts[name]
        if not said.endswith("M"):
            return count == int(said)
        last = 10.0 ** (6 - len(said[:-1].partition(".")[2]))
        return -0.5 * last <= count - round(self.value(name)) < last


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", release)[:2])


def parameter_counts(library: str) -> ParameterCounts:
    """Of `library`, from ``fixtures/ecosystem/zoos.toml``. Raises KeyError for one that is not there."""
    problems: list[str] = []
    document = read_toml(fixtures_dir() / "ecosystem" / "zoos.toml", problems)
    if problems:
        raise ValueError("; ".join(problems))
    entry = document[library]
    return ParameterCounts(
        source=entry["source"],
        read=entry["read"],
        trained=entry["trained"],
        side=entry["side"],
        sample=tuple(entry["sample"]),
        counts=entry["counts"],
        since=entry.get("since", {}),
    )
