"""MXNet from Java, Scala and Clojure: the artifacts that MXNet's own project released, and the community's that brings
a library.
"""

from __future__ import annotations

from typing import Mapping, Sequence

from fwconformance.frameworks._bindings_djl import deep_java_library
from fwconformance.frameworks._pieces_bindings import Project, beside

#: As in the programs' pom.xml: the last release with artifacts for all three.
OFFICIAL = "1.5.1"
#: What the library in ai.djl.mxnet:mxnet-native-mkl:1.9.1 says of itself.
LIBRARY = "1.9.0"

_FOR_SCALA_AND_JAVA = "org.apache.mxnet:mxnet-full_2.11-linux-x86_64-cpu"
#: Language to its artifact and the rungs that our program comes to.
_ARTIFACTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "java": (_FOR_SCALA_AND_JAVA, ("inference",)),
    "scala": (_FOR_SCALA_AND_JAVA, ("arithmetic", "inference")),
    "clojure": ("org.apache.mxnet.contrib.clojure:clojure-mxnet-linux-cpu", ("arithmetic", "inference")),
}
LANGUAGES = tuple(_ARTIFACTS)


def projects(language: str, version: str) -> Sequence[Project]:
    """The official one's, then the community's, beside `version` in Python."""
    current = tuple(map(int, version.split(".")[:2])) >= (1, 9)
    artifact, rungs = _ARTIFACTS[language]
    official = Project(
        language=language,
        framework="mxnet",
        artifact=f"{artifact}:{OFFICIAL}",
        lineage="official",
        because="MXNet's own project released it: one artifact for Scala and Java, one on top of it for Clojure.",
        folder=f"{language}/mxnet",
        shared="java/shared",
        tool="maven",
        rungs=rungs,
        version=OFFICIAL,
        # Its documents name Maven Central, which has nothing of the group any more.
        refusal=r"Could not find artifact org\.apache\.mxnet[.:]",
        # It was there until 2020: what a registry lacks today says nothing of that year's frameworks.
        unavailable="" if current else "no longer in Maven Central, which had it",
    )
    community = deep_java_library(language=language, framework="mxnet", brings="libmxnet", library=LIBRARY)
    return official, *beside(version, (1, 9), community)
