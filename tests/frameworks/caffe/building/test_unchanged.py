"""Whether what is released compiles: the probe both ways, and what this machine lacks for it."""

from __future__ import annotations

import shutil

import pytest

from fwconformance.frameworks.caffe.building import BuildError, _unchanged

needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed here")


@needs_compiler
@pytest.mark.parametrize(
    ("text", "absent", "said"),
    [("int one() { return 1; }\n", False, "compiles one.cpp as released"), ("int one() { return x; }\n", True, "'x'")],
)
def test_the_compiler_decides(tmp_path, text, absent, said):
    (tmp_path / "one.cpp").write_text(text, encoding="utf-8")
    found, evidence = _unchanged.Unchanged(tree=tmp_path, sources=("one.cpp",)).run()
    assert found is absent
    assert said in evidence


def test_the_library_s_changed_sources_are_what_is_compiled():
    assert _unchanged.SOURCES == ("src/caffe/util/io.cpp",)


def test_a_machine_without_the_programs_says_so(tmp_path):
    assert _unchanged.lacking({"PATH": str(tmp_path)}) == "g++ and protoc are not installed here"


@needs_compiler
@pytest.mark.skipif(shutil.which("protoc") is None, reason="protoc is not installed here")
def test_a_machine_without_the_source_says_how_to_have_it(tmp_path, monkeypatch):
    monkeypatch.setenv("FWCONFORMANCE_CACHE", str(tmp_path))
    assert "tox -e caffe-cpu" in _unchanged.lacking()


def test_another_source_is_refused(tmp_path):
    other = tmp_path / "other.tar.gz"
    other.write_bytes(b"another")
    with pytest.raises(BuildError, match="expected e0eb3f06"):
        _unchanged.unpacked(tmp_path / "out", {"FWCONFORMANCE_CAFFE_SOURCE": str(other)})
