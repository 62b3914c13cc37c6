"""PyTorch from Java: the artifact that PyTorch's own project released, and the community's that brings a library."""

from __future__ import annotations

from typing import Sequence

from fwconformance.frameworks._pieces_bindings import RUNGS, Project

#: As in the programs' pom.xml: the last official one; the community's, and the libtorch that it brings.
OFFICIAL, COMMUNITY, LIBRARY = "1.13.1", "0.36.0", "2.7.1"


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
    community = Project(
        language="java",
        framework="pytorch",
        artifact=f"ai.djl.pytorch:pytorch-engine:{COMMUNITY}",
        lineage="community",
        because="The Deep Java Library, of Amazon and others, brings libtorch and what binds Java to it.",
        folder="java/pytorch-djl",
        shared="java/shared",
        tool="maven",
        rungs=RUNGS[1:],
        version=LIBRARY,
    )
    return official, community
