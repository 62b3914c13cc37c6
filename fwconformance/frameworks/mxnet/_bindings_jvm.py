"""MXNet from Java: the artifact that MXNet's own project released, and the community's that brings a library."""

from __future__ import annotations

from typing import Sequence

from fwconformance.frameworks._pieces_bindings import RUNGS, Project

#: As in the programs' pom.xml: the official one's last release with a Java API; the community's.
OFFICIAL, COMMUNITY = "1.5.1", "0.36.0"
#: What the library in ai.djl.mxnet:mxnet-native-mkl:1.9.1 says of itself.
LIBRARY = "1.9.0"


def projects(mxnet: str) -> Sequence[Project]:
    """The official one's, then the community's, beside version `mxnet` in Python."""
    current = tuple(map(int, mxnet.split(".")[:2])) >= (1, 9)
    official = Project(
        language="java",
        framework="mxnet",
        artifact=f"org.apache.mxnet:mxnet-full_2.11-linux-x86_64-cpu:{OFFICIAL}",
        lineage="official",
        because="MXNet's own project released it, one artifact for Scala and Java.",
        folder="java/mxnet",
        shared="java/shared",
        tool="maven",
        rungs=("inference",),
        version=OFFICIAL,
        # Its documents name Maven Central, which has nothing of the group any more.
        refusal=r"Could not find artifact org\.apache\.mxnet:",
        # It was there until 2020: what a registry lacks today says nothing of that year's frameworks.
        unavailable="" if current else "no longer in Maven Central, which had it",
    )
    community = Project(
        language="java",
        framework="mxnet",
        artifact=f"ai.djl.mxnet:mxnet-engine:{COMMUNITY}",
        lineage="community",
        because="The Deep Java Library, of Amazon and others, brings libmxnet and what binds Java to it.",
        folder="java/mxnet-djl",
        shared="java/shared",
        tool="maven",
        rungs=RUNGS[1:],
        version=LIBRARY,
    )
    return official, community
