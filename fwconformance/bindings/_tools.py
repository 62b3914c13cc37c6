"""The build tools of the ecosystems: what they are called by, what they need, and where the program then is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Mapping, Sequence

import attrs

from fwconformance.bindings._interpreted import JULIA, OCTAVE, PERL, R
from fwconformance.bindings._tool import Tool
from fwconformance.frameworks import Project


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


def _as_variables(project: Project, source: Path, target: Path) -> Mapping[str, str]:
    return {name: value.replace("{source}", str(source)) for name, value in project.settings.items()}


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

#: The same for a program in C: a machine without a compiler for C++ does not lose it.
_CMAKE_C = attrs.evolve(
    _CMAKE,
    name="cmake-c",
    needs=(_CMAKE.needs[0], (("cc", "gcc", "clang"), "a C11 compiler, gcc or clang"), _CMAKE.needs[2]),
)

#: The same for a library that a running process loads; the project names it so, whatever the system calls such.
_CMAKE_LIBRARY = attrs.evolve(
    _CMAKE,
    name="cmake-library",
    command=lambda target: (str(target / "program.so"),),
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


def _npm_install(source: Path) -> Sequence[str]:
    # Scripts of packages stay out: what they fetch comes from no registry.
    return ("npm", "ci", "--prefix", str(source), "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def _npm_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    release = project.settings.get("release", "")
    locked = [str(source / release / name) for name in ("package.json", "package-lock.json")]
    return (
        # Another release than the program's own stands in a folder of its name.
        *((("cp", *locked, str(source)),) if release else ()),
        _npm_install(source),
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


def _npm_script_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    install, link = _npm_steps(project, source, target)
    return (install, ("npm", "run", "--prefix", str(source), project.settings["script"]), link)


#: npm, where a script of the program's own has a package make what it needs: `settings` name that script, and are told.
_NPM_SCRIPT = attrs.evolve(
    _NPM,
    name="npm-script",
    steps=_npm_script_steps,
    error=rf"\berror:|gyp ERR! stack|^\w*Error: |{_NPM.error}",
    limit=500.0,
    variables=_as_variables,
)


def _cmake_npm_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    return (_npm_install(source), *_cmake_steps(project, source, target))


#: CMake, for a program whose headers are in a package of npm.
_CMAKE_NPM = attrs.evolve(
    _CMAKE,
    name="cmake-npm",
    needs=(*_CMAKE.needs, (("npm",), "npm of Node.js, which fetches headers")),
    steps=_cmake_npm_steps,
    error=f"{_CMAKE.error}|{_NPM.error}",
    offline=_NPM.offline,
    limit=300.0,
)


def _go_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    return (("go", "build", "-C", str(source), "-p", "1", "-o", str(target / "program"), "."),)


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
        (("cargo",), "Rust 1.88 or newer, with cargo"),
        (("rustc",), "Rust 1.88 or newer"),
        (("c++", "g++", "clang++"), "a C++17 compiler, g++ or clang++"),
    ),
    steps=_cargo_steps,
    command=lambda target: (str(target / "program"),),
    error=r"^\s*error(\[E\d+\])?: (?!failed to run custom build)|: error: |Caused by",
    offline=r"Could not resolve host|[Cc]ould(n't| not) connect|failed to download|spurious network error",
    limit=560.0,
    variables=_as_variables,
)


def _dotnet_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    settings = [f"-p:{name}={value}" for name, value in sorted(project.settings.items())]
    publish = ("dotnet", "publish", str(source), "--configuration", "Release", "--output", str(target / "program"))
    # Without servers of MSBuild and of the compiler, which would outlive the build.
    return ((*publish, "--nologo", "-nodeReuse:false", "-p:UseSharedCompilation=false", *settings),)


def _dotnet_variables(project: Project, source: Path, target: Path) -> Mapping[str, str]:
    # Or the SDK's first command leaves a certificate for web servers, with its key, in the user's home.
    certificate = {"DOTNET_GENERATE_ASPNET_CERTIFICATE": "false"}
    return {"DOTNET_CLI_TELEMETRY_OPTOUT": "1", "DOTNET_NOLOGO": "1", **certificate}


_DOTNET = Tool(
    name="dotnet",
    needs=((("dotnet",), "the .NET SDK, 8 or newer"),),
    steps=_dotnet_steps,
    command=lambda target: ("dotnet", str(target / "program" / "program.dll")),
    error=r"\berror [A-Z]+\d+:|MSBUILD : error",
    # NU1101 and NU1102: what NuGet's own registry has, and the one that is set up here has not, is not reached either.
    offline=r"NU1301|NU110[12]|Unable to load the service index|No such host is known|Name or service not known",
    limit=300.0,
    least={"dotnet": 8},
    variables=_dotnet_variables,
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
TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        _CMAKE,
        _CMAKE_C,
        _CMAKE_LIBRARY,
        _MAVEN,
        _NPM,
        _NPM_SCRIPT,
        _CMAKE_NPM,
        _GO,
        _CARGO,
        _DOTNET,
        _PYTHON,
        R,
        PERL,
        JULIA,
        OCTAVE,
    )
}
