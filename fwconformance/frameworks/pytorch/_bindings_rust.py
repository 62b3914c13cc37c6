# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""PyTorch from Rust: tch, over the libtorch that lies in the Python package."""

from __future__ import annotations

import pathlib
from typing import Sequence

import torch

from fwconformance.frameworks._pieces_bindings import Project

#: As in the program's Cargo.toml, and the libtorch that it is written for.
VERSION, MADE_FOR = "0.26.0", "2.13"


def projects() -> Sequence[Project]:
    """The community's crate; PyTorch's own project has none."""
    return (
        Project(
            language="rust",
            framework="pytorch",
            artifact=f"the crate tch {VERSION}, written for libtorch {MADE_FOR}",
            lineage="community",
            because="PyTorch's project releases no crate; tch is the one that its users take.",
            folder="rust/pytorch",
            shared="rust/shared",
            tool="cargo",
            rungs=("arithmetic",),
            settings={
                "LIBTORCH": str(pathlib.Path(torch.__file__).parent),
                "LIBTORCH_BYPASS_VERSION_CHECK": "1",
                # Today's libtorch wants C++20, the crate asks for C++17; optimising its wrapper takes minutes.
                "CXXFLAGS": "-std=c++20 -O0",
                # For the key under which the program is kept: another torch may be installed in the same place.
                "TORCH_BUILD": str(torch.__version__),
            },
            version=f"tch {VERSION}",
            case="crate",
            # What the crate wraps and this libtorch no longer has, or has in another form.
            refusal=r"torch_api\w*\.(cpp|h):\d+:\d+: error: ",
        ),
    )
