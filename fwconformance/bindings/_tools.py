"""The build tools of the ecosystems: what they are called by, what they need, and where the program then is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Callable, Mapping, Sequence

import attrs

from fwconformance.frameworks import Project, Unavailable

Steps = Callable[[Project, Path, Path], Sequence[Sequence[str]]]


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
    """

    name: str
    needs: Sequence[tuple[tuple[str, ...], str]]
    steps: Steps
    command: Callable[[Path], Sequence[str]]
    error: str
    limit: float = 110.0

    def require(self) -> None:
        """Raise Unavailable where a program that the build needs is not on the path, saying what to install."""
        for names, hint in self.needs:
            if not any(shutil.which(name) for name in names):
                raise Unavailable(f"no {' or '.join(names)} on the path: install {hint}")

    def versions(self) -> Mapping[str, str]:
        """What each of its programs says of itself, first line, by name: a part of what a build depends on."""
        found = {}
        for names, _ in self.needs:
            name = next(name for name in names if shutil.which(name))
            found[name] = _says(name)
        return found

    def first_error(self, output: str) -> str:
        """The first line of `output` that says what is wrong; its last lines where none matches."""
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        for number, line in enumerate(lines):
            if re.search(self.error, line):
                # CMake and Maven go on in the lines after it.
                return " ".join(lines[number : number + 3])[:600]
        return " | ".join(lines[-4:])[-600:] or "nothing was printed"


def _says(name: str) -> str:
    option = "version" if name == "go" else "--version"
    done = subprocess.run([name, option], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "unknown"


def _cmake_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    settings = [f"-D{name}={value}" for name, value in sorted(project.settings.items())]
    return (
        ("cmake", "-S", str(source), "-B", str(target), "-DCMAKE_BUILD_TYPE=Release", *settings),
        ("cmake", "--build", str(target), "--parallel", str(_processors())),
    )


def _maven_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    settings = [f"-D{name}={value}" for name, value in sorted(project.settings.items())]
    return (("mvn", "--batch-mode", "--quiet", f"-DbuildDirectory={target}", *settings, "package"),)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_CMAKE = Tool(
    name="cmake",
    needs=(
        (("cmake",), "CMake 3.16 or newer"),
        (("c++", "g++", "clang++"), "a C++17 compiler, g++ or clang++"),
        (("make",), "make"),
    ),
    steps=_cmake_steps,
    command=lambda target: (str(target / "program"),),
    error=r"\berror:|CMake Error|undefined reference|cannot find -l",
    # Below the limit of a case, which waits for it.
    limit=110.0,
)

_MAVEN = Tool(
    name="maven",
    needs=((("mvn",), "Maven"), (("javac",), "a Java development kit, 11 or newer")),
    steps=_maven_steps,
    command=lambda target: ("java", "-jar", str(target / "program.jar")),
    error=r"^\[ERROR\]",
    limit=110.0,
)

#: Every tool by name.
TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in (_CMAKE, _MAVEN)}
