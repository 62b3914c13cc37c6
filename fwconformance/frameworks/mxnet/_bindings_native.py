# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""MXNet from C and from C++: the C API, whose library and headers lie in the Python package."""

from __future__ import annotations

import pathlib
from typing import Sequence

import mxnet

from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks._protocol import Unavailable

#: Language to the tool that builds it, and why its program counts as official.
LANGUAGES = {
    "c": (
        "cmake-c",
        "MXNet's own wheel holds library and headers of the C API, which its other languages are built on.",
    ),
    "cpp": (
        "cmake",
        "MXNet's own wheel holds library and headers of the C API; those of cpp-package are in no wheel.",
    ),
}


def projects(language: str) -> Sequence[Project]:
    """The one of the wheel."""
    package = pathlib.Path(mxnet.__file__).parent
    if not (package / "libmxnet.so").is_file() or not (package / "include" / "mxnet" / "c_api.h").is_file():
        raise Unavailable("this MXNet was installed without libmxnet.so or its headers: the wheels for Linux have both")
    tool, because = LANGUAGES[language]
    return (
        Project(
            language=language,
            framework="mxnet",
            artifact="the C API of the installed MXNet",
            lineage="official",
            because=because,
            folder=f"{language}/mxnet",
            shared=f"{language}/shared",
            tool=tool,
            rungs=RUNGS[1:],
            settings={"MXNET_ROOT": str(package)},
            version=str(mxnet.__version__),
        ),
    )
