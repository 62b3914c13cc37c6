# mypy: disable-error-code="import-not-found, import-untyped, unused-ignore"
"""MXNet from R, Perl and Julia: the packages that MXNet's own project keeps for them, and the community's that embed
Python with its MXNet.
"""

from __future__ import annotations

import os
import pathlib
import sys
import sysconfig
from typing import Mapping, Sequence

import attrs
import mxnet

from fwconformance.frameworks._pieces_bindings import RUNGS, Project


@attrs.frozen(kw_only=True)
class _Language:
    """Attributes:
    tool: a name in `fwconformance.bindings.TOOLS`.
    official: the package of MXNet's own project.
    library: tells that one where libmxnet lies, where it brings none.
    lacking: what is said where that one is not served, or does not build beside what is installed.
    bridge: the community's package that embeds Python.
    folder: of the program that uses it, after "mxnet-".
    whose: who keeps it.
    unmet: what is said where that does not fit the Python that MXNet is installed for.
    environment: tells it where that Python is.
    """

    tool: str
    official: str
    library: Mapping[str, str]
    lacking: str
    bridge: str
    folder: str
    whose: str
    unmet: str
    environment: Mapping[str, str]


def _languages() -> Mapping[str, _Language]:
    paths = sysconfig.get_paths()
    home = str(pathlib.Path(mxnet.__file__).parent)
    packages = os.pathsep.join(dict.fromkeys((paths["purelib"], paths["platlib"])))
    return {
        "r": _Language(
            tool="R",
            official="the R package mxnet",
            library={},
            # The repositories that R is set to are asked; MXNet's documents name another.
            lacking=r"is not available for this version of R",
            bridge="the R package reticulate",
            folder="reticulate",
            whose="Posit",
            unmet=r"Python shared library not found",
            environment={"RETICULATE_PYTHON": sys.executable},
        ),
        "perl": _Language(
            tool="cpanm",
            official="AI::MXNet",
            library={"LIBRARY_PATH": home, "LD_LIBRARY_PATH": home},
            lacking=r"^! .*(Configure failed|Installing .* failed)",
            bridge="Inline::Python",
            folder="inline-python",
            whose="Perl's community",
            # It embeds the Python that it was built for, and no other.
            unmet=r"Inline::Python embeds Python",
            environment={"PYTHONPATH": packages, "MXNET_PYTHON": "{}.{}".format(*sys.version_info)},
        ),
        "julia": _Language(
            tool="julia",
            official="MXNet.jl",
            library={"MXNET_HOME": home},
            lacking=r"Unsatisfiable requirements|Error building `MXNet`|Failed to precompile MXNet|load libmxnet",
            bridge="PyCall.jl",
            folder="pycall",
            whose="Julia's community",
            unmet=r"Couldn't find libpython",
            environment={"PYTHON": sys.executable},
        ),
    }


LANGUAGES = ("r", "perl", "julia")


def projects(language: str, version: str) -> Sequence[Project]:
    """The official one's, then the community's, beside `version` in Python."""
    found = _languages()[language]
    official = Project(
        language=language,
        framework="mxnet",
        artifact=found.official,
        lineage="official",
        because="MXNet's own project keeps it, in its repository.",
        folder=f"{language}/mxnet",
        shared=f"{language}/shared",
        tool=found.tool,
        rungs=RUNGS[1:],
        version=version,
        settings=found.library,
        environment=found.library,
        unmet=found.lacking,
    )
    community = Project(
        language=language,
        framework="mxnet",
        artifact=f"{found.bridge} (Python's MXNet, embedded)",
        lineage="community",
        because=f"{found.whose} keeps it, for every package of Python; nobody else's binding of MXNet is known.",
        folder=f"{language}/mxnet-{found.folder}",
        shared=f"{language}/shared",
        tool=found.tool,
        rungs=RUNGS[1:],
        version=version,
        # For the key under which the program is kept, and where it runs.
        settings=found.environment,
        environment=found.environment,
        unmet=found.unmet,
    )
    return official, community
