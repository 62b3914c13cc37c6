"""The tools of languages without a compiler: packages from the language's registry, then the program loads them once.

What is installed on the machine already is taken; the rest goes into the folder that is built in.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Mapping, Sequence

from fwconformance.bindings._tool import Tool
from fwconformance.frameworks import Project


def _where_it_runs(project: Project, source: Path, target: Path) -> Mapping[str, str]:
    return {**project.settings, **project.environment}


def _steps(install: Sequence[str], source: Path, target: Path, command: Sequence[str]) -> Sequence[Sequence[str]]:
    """`install`, and then what a compiler would find: whether the program loads what it asks for."""
    return (install, ("ln", "-s", str(source), str(target / "program")), (*command, "version"))


def _r(target: Path) -> Sequence[str]:
    return ("env", f"R_LIBS={target / 'library'}", "Rscript", str(target / "program" / "main.R"))


def _r_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    install = ("Rscript", str(source / "install.R"), str(target / "library"))
    return _steps(install, source, target, _r(target))


def _perl(target: Path) -> Sequence[str]:
    return ("perl", f"-Mlib={target / 'local' / 'lib' / 'perl5'}", str(target / "program" / "main.pl"))


def _perl_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    install = ("cpanm", "--notest", "--local-lib", str(target / "local"), "--installdeps", str(source))
    return _steps(("env", f"PERL_CPANM_HOME={target / 'cpanm'}", *install), source, target, _perl(target))


def _julia_with(target: Path, project: Path) -> Sequence[str]:
    return ("env", f"JULIA_DEPOT_PATH={target / 'depot'}:", "julia", "--startup-file=no", f"--project={project}")


def _julia(target: Path) -> Sequence[str]:
    program = target / "program"
    return (*_julia_with(target, program), str(program / "main.jl"))


def _julia_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    install = (*_julia_with(target, source), "-e", "using Pkg; Pkg.instantiate()")
    return _steps(install, source, target, _julia(target))


def _octave_with(*words: str) -> Sequence[str]:
    # Without a history: it complains, as the last that it prints, where the user's home has no place for one.
    return ("env", f"OCTAVE_HISTFILE={os.devnull}", "octave-cli", "--norc", "--quiet", "--no-history", *words)


def _octave(target: Path) -> Sequence[str]:
    return _octave_with("--path", str(target / "packages"), str(target / "program" / "main.m"))


def _octave_steps(project: Project, source: Path, target: Path) -> Sequence[Sequence[str]]:
    packages = target / "packages"
    install = _octave_with(str(source / "install.m"), str(packages))
    return (("mkdir", str(packages)), *_steps(install, source, target, _octave(target)))


R = Tool(
    name="R",
    needs=((("Rscript",), "R 4 (Debian: r-base-core)"),),
    steps=_r_steps,
    command=_r,
    error=r"^Error|^ERROR|is not available for this version of R",
    offline=r"unable to access index for repository|cannot open URL",
    limit=500.0,
    variables=_where_it_runs,
)

PERL = Tool(
    name="cpanm",
    needs=((("perl",), "Perl 5.26 or newer"), (("cpanm",), "cpanm (Debian: cpanminus)")),
    steps=_perl_steps,
    command=_perl,
    error=r"^! (?!Finding)| at \S+ line \d+",
    # Of a registry that is not reached it says no more than of a module that is not there.
    offline=r"^! Couldn't find module or a distribution",
    limit=500.0,
    variables=_where_it_runs,
)

JULIA = Tool(
    name="julia",
    needs=((("julia",), "Julia 1.3 or newer"),),
    steps=_julia_steps,
    command=_julia,
    error=r"^ERROR: ",
    offline=r"failed to (clone|download|fetch)|[Cc]ould not (resolve|download|connect)|RequestError",
    limit=500.0,
    variables=_where_it_runs,
)

OCTAVE = Tool(
    name="octave",
    needs=(
        # The program that has no windows: it says its version without looking for a display.
        (("octave-cli",), "GNU Octave 7 or newer (Debian: octave)"),
        (("mkoctfile",), "mkoctfile, which compiles MEX files for Octave (Debian: octave-dev)"),
        (("c++", "g++", "clang++"), "a C++ compiler, g++ or clang++"),
    ),
    steps=_octave_steps,
    command=_octave,
    error=r"\berror: |undefined reference|cannot find -l",
    # One file, against headers that are large.
    limit=300.0,
    variables=_where_it_runs,
    least={"octave-cli": 7},
)
