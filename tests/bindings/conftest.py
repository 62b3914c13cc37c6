from __future__ import annotations

import shutil

import pytest

from fwconformance.bindings import Tool, _build, build
from fwconformance.frameworks import Project

WELL = r"""
#include <stdio.h>
#include <string.h>

int main(int count, char** arguments) {
  if (count == 2) {
    puts("1.2.3");
    return 0;
  }
  char path[4096];
  snprintf(path, sizeof path, "%s/output.json", arguments[2]);
  FILE* file = fopen(path, "w");
  fputs("{\"tensors\": {\"sum\": {\"shape\": [1, 2], \"data\": [1.5, -2]}},", file);
  fputs(" \"files\": {\"weights\": \"w.txt\"}}", file);
  fclose(file);
  return 0;
}
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache of the user's."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("FWCONFORMANCE_CACHE", str(folder))
    return folder


@pytest.fixture
def compiler(monkeypatch):
    """A tool that is a C compiler alone, in the place of all others."""
    name = next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    if name is None:
        pytest.skip("no C compiler here")
    tool = Tool(
        name="cc",
        needs=(((name,), "a C compiler"),),
        steps=lambda project, source, target: (
            (name, *project.settings.values(), str(source / "main.c"), "-o", str(target / "program")),
        ),
        command=lambda target: (str(target / "program"),),
        error=r"\berror:",
        limit=60.0,
    )
    monkeypatch.setattr(_build, "TOOLS", {"cc": tool})
    return tool


@pytest.fixture
def project():
    """A project named so, whose rungs and version are what the tests make of them."""

    def project(**fields):
        return Project(
            **{
                "language": "c",
                "framework": "toy",
                "artifact": "libtoy",
                "lineage": "official",
                "because": "It is a toy.",
                "folder": "c/toy",
                "tool": "cc",
                "rungs": ("arithmetic",),
                "version": "1.2.3",
                **fields,
            }
        )

    return project


@pytest.fixture
def make(tmp_path, compiler, project):
    """Build a program from the text of its main.c."""
    fixtures = tmp_path / "bindings"

    def make(text=WELL, *, limit=None, said=None, **fields):
        source = fixtures / "c" / "toy"
        source.mkdir(parents=True, exist_ok=True)
        (source / "main.c").write_text(text, encoding="utf-8")
        lines = [] if said is None else said
        return build(project(**fields), fixtures, say=lines.append, limit=limit)

    make.fixtures = fixtures
    return make
