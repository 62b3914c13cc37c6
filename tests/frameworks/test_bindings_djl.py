"""A program over the Deep Java Library, in any language of Java's machine."""

from __future__ import annotations

import pytest

from fwconformance.frameworks import RUNGS
from fwconformance.frameworks._bindings_djl import VERSION, deep_java_library
from fwconformance.registry import fixtures_dir


@pytest.mark.parametrize(
    ("language", "framework"), [("java", "pytorch"), ("java", "mxnet"), ("scala", "mxnet"), ("clojure", "mxnet")]
)
def test_there_is_a_program_that_asks_for_the_version_that_is_named(language, framework):
    project = deep_java_library(language=language, framework=framework, brings="a library", library="1.2")
    assert project.artifact == f"ai.djl.{framework}:{framework}-engine:{VERSION}"
    assert (project.lineage, project.rungs, project.version) == ("community", RUNGS[1:], "1.2")
    pom = (fixtures_dir() / "bindings" / project.folder / "pom.xml").read_text(encoding="utf-8")
    assert f"<djl.version>{VERSION}</djl.version>" in pom
    assert f"<artifactId>{framework}-engine</artifactId>" in pom
