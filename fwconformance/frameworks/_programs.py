"""A probe for programs: what a distribution puts on the command line."""

from __future__ import annotations

from importlib import metadata
from typing import Callable, NoReturn, Sequence

import attrs

from fwconformance.frameworks._probes import refuse


def scripts_of(distribution: str) -> Sequence[str]:
    """Names of its console scripts. Raises metadata.PackageNotFoundError."""
    entries = metadata.distribution(distribution).entry_points
    return sorted(entry.name for entry in entries if entry.group == "console_scripts")


@attrs.frozen(kw_only=True)
class Programs:
    """Looks for a program called like the framework, or like training, among the console scripts of a distribution.

    Attributes:
        distributions: names that the framework is installed under; those that are here are asked.
        names: of the program.
        listed: gives the console scripts of a distribution, or raises metadata.PackageNotFoundError.
    """

    distributions: tuple[str, ...]
    names: tuple[str, ...]
    listed: Callable[[str], Sequence[str]] = scripts_of

    def run(self) -> tuple[bool, str]:
        """(none of them is there, the evidence in words). Raises ValueError where no distribution is here."""
        here: dict[str, Sequence[str]] = {}
        for distribution in self.distributions:
            try:
                here[distribution] = self.listed(distribution)
            except metadata.PackageNotFoundError:
                continue
        if not here:
            raise ValueError(f"none of these distributions is installed: {', '.join(self.distributions)}")
        said = "; ".join(f"{name} has the programs {', '.join(found) or '(none)'}" for name, found in here.items())
        present = sorted({name for found in here.values() for name in found} & set(self.names))
        return (
            (False, f"{said}: {', '.join(present)}") if present else (True, f"{said}, and no {', '.join(self.names)}")
        )


def no_command_line(framework: str, *distributions: str) -> NoReturn:
    """Raises `Unsupported` where no program of `distributions` trains a network that is given in files."""
    names = (framework, f"{framework}-train", f"{framework}_train", "train", "fit")
    refuse(Programs(distributions=distributions, names=names), note="a network is trained by a program of one's own")
