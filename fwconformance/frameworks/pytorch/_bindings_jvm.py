"""PyTorch from Java: the artifact that PyTorch's own project released, and the community's that brings a library."""

from __future__ import annotations

from typing import Sequence

from fwconformance.frameworks._bindings_djl import deep_java_library
from fwconformance.frameworks._pieces_bindings import Project

#: As in the programs' pom.xml: the last official one, and the libtorch that the community's brings.
OFFICIAL, LIBRARY = "1.13.1", "2.7.1"


def projects() -> Sequence[Project]:
    """The official one's, then the community's."""
    official = Project(
        language="java",
        framework="pytorch",
        artifact=f"org.pytorch:pytorch_java_only:{OFFICIAL}",
        lineage="official",
        because="PyTorch's own project released it to Maven Central; what else of its there is, is for Android.",
        folder="java/pytorch",
        shared="java/shared",
        tool="maven",
        rungs=("inference",),
        version=OFFICIAL,
        # It is Java alone: the native half is in no artifact for a desktop or a server.
        refusal=r"no pytorch_jni\S* in java\.library\.path|couldn't find DSO to load",
    )
    return official, deep_java_library(language="java", framework="pytorch", brings="libtorch", library=LIBRARY)
