"""A community's binding for every language of Java's machine: the Deep Java Library, with an engine a framework."""

from __future__ import annotations

from fwconformance.frameworks._pieces_bindings import RUNGS, Project

#: As in the programs' pom.xml.
VERSION = "0.36.0"


def deep_java_library(*, language: str, framework: str, brings: str, library: str) -> Project:
    """The program in `language` for `framework`, whose engine has the framework's own name.

    Args:
        language: "java", "scala" or "clojure".
        framework: as its adapter is called.
        brings: what the library is called that comes with the engine.
        library: the version that it says of itself.
    """
    return Project(
        language=language,
        framework=framework,
        artifact=f"ai.djl.{framework}:{framework}-engine:{VERSION}",
        lineage="community",
        because=f"The Deep Java Library, of Amazon and others, brings {brings} and what binds Java's machine to it.",
        folder=f"{language}/{framework}-djl",
        shared="java/shared",
        tool="maven",
        rungs=RUNGS[1:],
        version=library,
    )
