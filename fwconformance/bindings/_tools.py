"""The build tools of the ecosystems: what they are called by, what they need, and where the program then is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
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
                raise Unavailable(f"the {name} on the path is too old (it says {said!r}): install {hint}")

    def versions(self) -> Mapping[str, str]:
        """What each of its programs says of itself, first line, by name: a part of what a build depends on."""
        found = {}
        for names, _ in self.needs:
            name = next(name for name in names if shutil.which(name))
            found[name] = _says(name)
        return found

    def unreached(self, output: str) -> str:
        """The line of `output` that says that a registry was not reached; "" where none does."""
        return next((line.strip()[:300] for line in output.splitlines() if re.search(self.offline, line)), "")

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


def _cmake_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    settings = [f"-D{name}={value}" for name, value in sorted(project.settings.items())]
    return (
        ("cmake", "-S", str(source), "-B", str(target), "-DCMAKE_BUILD_TYPE=Release", *settings),
        ("cmake", "--build", str(target), "--parallel", str(_processors())),
    )


def _maven_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    settings = [f"-D{name}={value}" for name, value in sorted(project.settings.items())]
    pom = ("--file", str(source / "pom.xml"), f"-DbuildDirectory={target}")
    # Updates: or an answer of the registry that was no is given again for a day, in other words.
    return (("mvn", "--batch-mode", "--quiet", "--update-snapshots", *pom, *settings, "package"),)


def _java(target: Path) -> Sequence[str]:
    # Beside the program and not in the user's home: native libraries that bindings unpack from their jars.
    native = target / "native"
    unpacked = (f"-Dorg.bytedeco.javacpp.cachedir={native}", f"-DDJL_CACHE_DIR={native}")
    return ("java", "-XX:+UseSerialGC", *unpacked, "-jar", str(target / "program.jar"))


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
    needs=((("mvn",), "Maven"), (("javac",), "a Java development kit, 11 or newer"), (("java",), "Java 11 or newer")),
    steps=_maven_steps,
    command=_java,
    error=r"^\[ERROR\] (?!COMPILATION ERROR)",
    offline=r"Could not transfer|Cannot access .* in offline mode|Unknown host|Name or service not known",
    limit=500.0,
    least={"javac": 11, "java": 11},
)


def _npm_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    release = project.settings.get("release", "")
    locked = [str(source / release / name) for name in ("package.json", "package-lock.json")]
    return (
        # Another release than the program's own stands in a folder of its name.
        *((("cp", *locked, str(source)),) if release else ()),
        # Scripts of packages stay out: what they fetch comes from no registry.
        ("npm", "ci", "--prefix", str(source), "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
        ("ln", "-s", str(source), str(target / "program")),
    )


_NPM = Tool(
    name="npm",
    needs=((("node",), "Node.js 20 or newer"), (("npm",), "npm, which Node.js comes with")),
    steps=_npm_steps,
    command=lambda target: ("node", str(target / "program" / "main.mjs")),
    error=r"npm (error|ERR!)",
    offline=r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTCACHED|\bE40[34]\b",
    limit=300.0,
)


def _go_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    return (("go", "build", "-C", str(source), "-p", "1", "-o", str(target / "program"), "."),)


def _as_variables(project: Project, source: Path, target: Path) -> Mapping[str, str]:
    return {name: value.replace("{source}", str(source)) for name, value in project.settings.items()}


_GO = Tool(
    name="go",
    needs=((("go",), "Go 1.23 or newer"), (("cc", "gcc", "clang"), "a C compiler, which cgo calls")),
    steps=_go_steps,
    command=lambda target: (str(target / "program"),),
    # What cgo's compiler and linker say is told rather than the line that names the package.
    error=r"^(?!# ).*\.go:\d+(:\d+)?: |^go: (?!downloading)|\berror:|undefined reference|cannot find -l",
    offline=r"dial tcp|no such host|i/o timeout|connection refused|network is unreachable|module lookup disabled"
    r"|40[34] (Forbidden|Not Found)",
    limit=500.0,
    variables=_as_variables,
)


def _cargo_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    manifest = str(source / "Cargo.toml")
    built = str(target / "cargo")
    # One job: a compiler of C++ may take gigabytes.
    build = ("cargo", "build", "--locked", "--release", "--jobs=1", "--manifest-path", manifest, "--target-dir", built)
    return (build, ("cp", f"{built}/release/program", str(target / "program")), ("rm", "-r", built))


_CARGO = Tool(
    name="cargo",
    needs=(
        (("cargo",), "Rust 1.85 or newer, with cargo"),
        (("rustc",), "Rust 1.85 or newer"),
        (("c++", "g++", "clang++"), "a C++17 compiler, g++ or clang++"),
    ),
    steps=_cargo_steps,
    command=lambda target: (str(target / "program"),),
    error=r"^\s*error(\[E\d+\])?: (?!failed to run custom build)|: error: |Caused by",
    offline=r"Could not resolve host|[Cc]ould(n't| not) connect|failed to download|spurious network error",
    limit=560.0,
    variables=_as_variables,
)


def _python_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    return (
        (sys.executable, "-m", "compileall", "-q", str(source)),
        ("ln", "-s", str(source), str(target / "program")),
    )


_PYTHON = Tool(
    name="python",
    needs=(),  # the interpreter of the environment is running
    steps=_python_steps,
    # Isolated: of what lies beside the program, or is named by variables, nothing is imported.
    command=lambda target: (sys.executable, "-I", str(target / "program" / "main.py")),
    error=r"^\w*Error: ",
)

#: Every tool by name.
TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in (_CMAKE, _MAVEN, _NPM, _GO, _CARGO, _PYTHON)}
