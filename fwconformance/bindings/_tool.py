"""What a build tool of an ecosystem is to us, and what is read from what it prints."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Callable, Mapping, Sequence

import attrs

from fwconformance.frameworks import Project, Unavailable

Steps = Callable[[Project, Path, Path], Sequence[Sequence[str]]]
Variables = Callable[[Project, Path, Path], Mapping[str, str]]


def _no_variables(project: Project, source: Path, target: Path) -> Mapping[str, str]:
    return {}


@attrs.frozen(kw_only=True)
class Tool:
    """A build tool.

    Attributes:
        name: as a project names it.
        needs: programs that must be on the path: for each, its name, the others that do as well, and what to install.
        steps: commands one after another, of (project, its copied source folder, an empty folder to build in).
        command: how the built program is started, of the folder that it was built in.
        error: matches a line in which the tool says what is wrong.
        limit: seconds that all steps may take.
        variables: environment of the steps, of the same three: how tools are told settings that take no options.
        offline: matches a line that says that a registry was not reached, or does not serve what was asked for.
        least: the first version of a program that does, by its name in `needs`.
    """

    name: str
    needs: Sequence[tuple[tuple[str, ...], str]]
    steps: Steps
    command: Callable[[Path], Sequence[str]]
    error: str
    limit: float = 110.0
    variables: Variables = _no_variables
    offline: str = r"(?!)"
    least: Mapping[str, int] = attrs.field(factory=dict)

    def require(self) -> None:
        """Raise Unavailable where a program that the build needs is not on the path or too old: what to install."""
        for names, hint in self.needs:
            if not any(shutil.which(name) for name in names):
                raise Unavailable(f"no {' or '.join(names)} on the path: install {hint}")
        for name, least in self.least.items():
            said = _says(name)
            number = re.search(r"\d+", said)
            if number is None or int(number.group()) < least:
                hint = next(hint for names, hint in self.needs if name in names)
                # A runtime of .NET without its SDK has no version to tell, as a compiler of old has no such option.
                fault = "too old" if number else "too old or not whole"
                raise Unavailable(f"the {name} on the path is {fault} (it says {said!r}): install {hint}")

    def versions(self) -> Mapping[str, str]:
        """What each of its programs says of itself, first line, by name: a part of what a build depends on."""
        found = {}
        for names, _ in self.needs:
            name = next(name for name in names if shutil.which(name))
            found[name] = _says(name)
        return found

    def unreached(self, output: str) -> str:
        """The line of `output` that says that a registry was not reached, its address left out; "" where none does."""
        # Julia draws a frame around what it says.
        lines = (line.strip(" \t┌│└") for line in output.splitlines())
        found = next((line for line in lines if re.search(self.offline, line)), "")
        return re.sub(r"https?://[^\s\"')]*[^\s\"'):,.]", "(address left out)", found).rstrip(":")[:300]

    def first_error(self, output: str) -> str:
        """The first line of `output` that says what is wrong; its last lines where none matches."""
        # Maven switches colours that nobody asked for.
        plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
        lines = [line.strip() for line in plain.splitlines() if line.strip()]
        for number, line in enumerate(lines):
            if re.search(self.error, line):
                # CMake and Maven go on in the lines after it.
                return " ".join(lines[number : number + 3])[:600]
        return " | ".join(lines[-4:])[-600:] or "nothing was printed"


def _says(name: str) -> str:
    option = "version" if name == "go" else "--version"
    done = subprocess.run([name, option], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    # Java says first which options it found in variables.
    lines = [line for line in done.stdout.strip().splitlines() if not line.startswith("Picked up ")]
    return lines[0] if lines else "unknown"
