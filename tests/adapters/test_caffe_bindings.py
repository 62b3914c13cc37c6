"""Caffe's piece "bindings": what C++ is given and what comes back, without a compiler."""

from __future__ import annotations

import shutil

import pytest

pytest.importorskip("caffe._caffe", reason="Caffe is not built here: tox runs these tests in caffe-cpu")
import caffe
import numpy as np

from fwconformance.frameworks import Dense, Network, NotAdapted, Project, Seam, Unavailable, Unsupported, create
from fwconformance.frameworks.caffe import _bindings, _bindings_octave

NETWORK = Network(layers=(Dense(units=2),), input_shape=(3,))
WEIGHTS = {"0.kernel": np.arange(6.0).reshape(3, 2), "0.bias": np.array([0.5, -0.5])}


@pytest.fixture
def seam():
    return Seam(create("caffe"))


@pytest.fixture
def piece(seam, monkeypatch):
    monkeypatch.setattr(_bindings, "missing", lambda _: ())
    return seam.piece("bindings")


def test_the_program_is_told_where_headers_and_library_are(piece):
    (project,) = [Project.from_json(one) for one in piece.projects("cpp")]
    assert (project.lineage, project.version) == ("official", caffe.__version__)
    assert project.settings["CAFFE_INCLUDE"].endswith("caffe/include")
    assert project.settings["CAFFE_LIBRARIES"].endswith("caffe.libs")


def test_python_is_a_language_like_the_others_and_needs_no_headers(piece, monkeypatch):
    monkeypatch.setattr(_bindings, "missing", lambda packages: packages)
    (project,) = [Project.from_json(one) for one in piece.projects("python")]
    assert (project.folder, project.tool, project.version) == ("python/caffe", "python", caffe.__version__)


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A copy of the source that is what it should be."""
    archive = tmp_path / "caffe.tar.gz"
    archive.write_bytes(b"packed")
    monkeypatch.setenv("FWCONFORMANCE_CAFFE_SOURCE", str(archive))
    monkeypatch.setattr(_bindings_octave, "check", lambda _: None)
    return archive


def test_octave_compiles_matlab_s_files_out_of_the_source(piece, source):
    """The same program twice: with the package as it was released, and as its users changed it."""
    official, community = [Project.from_json(one) for one in piece.projects("octave")]
    assert (official.lineage, community.lineage) == ("official", "community")
    assert official.settings["CAFFE_SOURCE"] == str(source)
    assert official.settings["CAFFE_INCLUDE"].endswith("caffe/include")
    assert official.environment["GLOG_minloglevel"] == "2"
    told = dict(official.settings, CAFFE_OBJECTS="cells")
    assert (official.settings["CAFFE_OBJECTS"], community.settings) == ("arrays", told)
    assert (official.folder, official.rungs) == (community.folder, community.rungs)


def test_without_the_source_octave_s_cases_say_how_to_have_it(piece, source):
    source.unlink()
    with pytest.raises(Unavailable, match="tox -e caffe-cpu"):
        piece.projects("octave")


def test_another_source_is_not_built_from(piece, source, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(_bindings, "missing", lambda _: ())
    monkeypatch.setenv("FWCONFORMANCE_CAFFE_SOURCE", str(source))
    with pytest.raises(Unavailable, match="damaged, or another source"):
        piece.projects("octave")


def test_one_release_is_compared_with_none(piece):
    with pytest.raises(NotAdapted, match="no program for two releases"):
        piece.releases()


def test_another_language_is_our_gap(piece):
    with pytest.raises(NotAdapted, match="no program in java yet"):
        piece.projects("java")


@pytest.fixture
def in_c():
    if not any(shutil.which(name) for name in ("cc", "gcc", "clang")):
        pytest.skip("no C compiler is on the path")


def test_its_headers_are_no_interface_in_c(piece, in_c):
    with pytest.raises(Unsupported, match=r"no interface in C: .*none that a C compiler takes: caffe/util/mkl_alter"):
        piece.projects("c")


def test_a_caffe_with_a_header_in_c_would_be_our_gap(piece, in_c, monkeypatch, tmp_path):
    headers = tmp_path / "caffe" / "include" / "caffe"
    headers.mkdir(parents=True)
    (headers / "caffe.hpp").write_text("class Caffe {};\n")
    (headers / "caffe.h").write_text('#ifdef __cplusplus\nextern "C"\n#endif\nint caffe_run(int);\n')
    (tmp_path / "caffe.libs").mkdir()
    (tmp_path / "caffe.libs" / "libcaffe.so").touch()
    monkeypatch.setattr(caffe, "__file__", str(tmp_path / "caffe" / "__init__.py"))
    with pytest.raises(NotAdapted, match=r"though a C compiler takes caffe/caffe\.h"):
        piece.projects("c")


def test_missing_headers_of_other_packages_are_named(piece, monkeypatch):
    monkeypatch.setattr(_bindings, "missing", lambda packages: packages[:2])
    with pytest.raises(Unavailable, match="install libboost-thread-dev, libgflags-dev"):
        piece.projects("cpp")


def test_a_caffe_without_headers_is_unavailable(piece, monkeypatch, tmp_path):
    monkeypatch.setattr(caffe, "__file__", str(tmp_path / "caffe" / "__init__.py"))
    with pytest.raises(Unavailable, match="without its headers and library"):
        piece.projects("cpp")


def test_what_it_exports_it_restores(seam, piece, tmp_path, rng):
    """For another number of rows too."""
    model = seam.build(NETWORK, WEIGHTS)
    files = piece.export({}, model, rng.normal(size=(4, 3)), str(tmp_path))
    inputs = rng.normal(size=(5, 3)).astype(np.float32)
    outputs = piece.restored({}, NETWORK, files, str(tmp_path), inputs)
    assert np.allclose(outputs, model.forward(inputs))
