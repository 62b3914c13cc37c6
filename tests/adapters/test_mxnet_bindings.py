"""MXNet's piece "bindings": what other languages are given and what comes back, without a compiler."""

from __future__ import annotations

import re
import sys
import sysconfig
import warnings

import pytest

with warnings.catch_warnings():
    # Its last release uses names that NumPy has deprecated since.
    warnings.simplefilter("ignore", DeprecationWarning)
    mxnet = pytest.importorskip("mxnet", reason="MXNet is not installed here: tox runs these tests in mxnet-cpu")

import numpy as np

from fwconformance.frameworks import (
    RUNGS,
    Activation,
    Dense,
    Network,
    NotAdapted,
    Project,
    Releases,
    Seam,
    Unavailable,
    create,
)
from fwconformance.registry import fixtures_dir

NETWORK = Network(
    layers=(Dense(units=4), Activation(kind="tanh"), Dense(units=2, bias=False)),
    input_shape=(3,),
)


@pytest.fixture
def seam():
    return Seam(create("mxnet"))


@pytest.fixture
def piece(seam):
    return seam.piece("bindings")


@pytest.mark.parametrize("language", ["c", "cpp"])
def test_the_program_is_told_where_the_library_is(piece, language):
    (project,) = [Project.from_json(one) for one in piece.projects(language)]
    assert project.settings["MXNET_ROOT"].endswith("mxnet")
    assert (project.lineage, project.version) == ("official", mxnet.__version__)


def test_another_language_is_our_gap(piece):
    with pytest.raises(NotAdapted, match="no program in go yet"):
        piece.projects("go")


def test_two_releases_are_compared_by_one_program(piece):
    (pair,) = [Releases.from_json(one) for one in piece.releases()]
    assert pair.case == "java-community"
    assert (pair.older.folder, pair.older.rungs) == (pair.newer.folder, pair.newer.rungs)
    assert pair.older.settings != pair.newer.settings


JVM = ("java", "scala", "clojure")
INTERPRETED = ("r", "perl", "julia")


@pytest.mark.parametrize("language", [*JVM, *INTERPRETED])
def test_a_language_is_offered_by_the_project_and_by_a_community(piece, language):
    """Each with the sources that it names; the community's comes to every rung."""
    official, community = [Project.from_json(one) for one in piece.projects(language)]
    assert (official.lineage, community.lineage) == ("official", "community")
    assert {official.language, community.language} == {language}
    assert community.rungs == RUNGS[1:]
    assert not community.refusal
    assert not community.unavailable
    for folder in (official.folder, official.shared, community.folder, community.shared):
        assert (fixtures_dir() / "bindings" / folder).is_dir(), folder


@pytest.mark.parametrize("language", JVM)
@pytest.mark.parametrize(("version", "tried"), [("1.7.0", False), ("1.9.1", True)])
def test_what_there_is_today_says_nothing_of_2020(language, version, tried):
    from fwconformance.frameworks.mxnet._bindings_jvm import projects

    official, community = projects(language, version)
    assert (official.unavailable == "") is tried
    assert (community.unavailable == "") is tried


@pytest.mark.parametrize("language", JVM)
def test_mavens_word_that_the_artifact_is_gone_is_the_bindings_refusal(piece, language):
    """It says something of MXNet's own artifact alone, not of another that is missing."""
    official = Project.from_json(piece.projects(language)[0])
    group, name, version = official.artifact.split(":")
    said = f"Could not find artifact {group}:{name}:jar:{version} in central"
    assert re.search(official.refusal, said)
    assert not re.search(official.refusal, said.replace("org.apache.mxnet", "org.example.other"))


@pytest.mark.parametrize("language", INTERPRETED)
def test_a_way_through_python_is_told_which_python_has_mxnet(piece, language):
    """And says so: it is no binding of MXNet's own."""
    official, community = [Project.from_json(one) for one in piece.projects(language)]
    assert community.artifact.endswith("(Python's MXNet, embedded)")
    assert set(community.environment.values()) & {sys.executable, sysconfig.get_paths()["purelib"]}
    assert community.settings == community.environment
    assert official.version == community.version == mxnet.__version__


@pytest.mark.parametrize("language", ["c", "cpp"])
def test_a_wheel_without_headers_is_unavailable(piece, monkeypatch, tmp_path, language):
    monkeypatch.setattr(mxnet, "__file__", str(tmp_path / "mxnet" / "__init__.py"))
    with pytest.raises(Unavailable, match=r"without libmxnet\.so or its headers"):
        piece.projects(language)


def test_what_it_exports_gives_the_models_outputs(seam, piece, tmp_path, rng):
    model = seam.build(NETWORK)
    inputs = rng.normal(size=(5, 3)).astype(np.float32)
    files = piece.export({}, model, inputs, str(tmp_path))
    symbol, parameters = (str(tmp_path / files[name]) for name in ("symbol", "parameters"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        block = mxnet.gluon.SymbolBlock.imports(symbol, ["data"], parameters)
        outputs = block(mxnet.nd.array(inputs)).asnumpy()
    assert np.allclose(outputs, model.forward(inputs), atol=1e-6)


def test_it_reads_a_file_of_three_arrays(piece, tmp_path, rng):
    """The bias as a row, as operators that broadcast take it."""
    shapes = {"w1": (3, 4), "b1": (1, 4), "w2": (4, 2)}
    values = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        mxnet.nd.save(str(tmp_path / "trained.params"), {name: mxnet.nd.array(one) for name, one in values.items()})
    inputs = rng.normal(size=(5, 3)).astype(np.float32)
    outputs = piece.restored({}, NETWORK, {"weights": "trained.params"}, str(tmp_path), inputs)
    expected = np.tanh(inputs @ values["w1"] + values["b1"]) @ values["w2"]
    assert np.allclose(outputs, expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore:.*scipy.sparse.csr:DeprecationWarning")  # by MXNet, where SciPy is installed too
def test_it_reads_what_java_saved_in_numpys_format(piece, tmp_path, rng):
    """The weights by the ladder's names, units in columns."""
    weights = {"w1": (3, 4), "b1": (4,), "w2": (4, 2)}
    values = {name: rng.normal(size=shape).astype(np.float32) for name, shape in weights.items()}
    np.savez(tmp_path / "trained.npz", **values)
    inputs = rng.normal(size=(5, 3)).astype(np.float32)
    outputs = piece.restored({"language": "java"}, NETWORK, {"weights": "trained.npz"}, str(tmp_path), inputs)
    expected = np.tanh(inputs @ values["w1"] + values["b1"]) @ values["w2"]
    assert np.allclose(outputs, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("r", "package 'mxnet' is not available for this version of R"),
        ("perl", "! Installing AI::MXNetCAPI failed. See /tmp/build.log for details. Retry with --force"),
        ("julia", "ERROR: Unsatisfiable requirements detected for package MXNet [a7949054]:"),
        ("julia", "ERROR: LoadError: Cannot find or load libmxnet.so. Please see the document on how to build it."),
    ],
)
def test_a_package_that_does_not_build_here_says_nothing_of_the_binding(piece, language, said):
    official = Project.from_json(piece.projects(language)[0])
    assert re.search(official.unmet, said)
    assert not re.search(official.unmet, "ERROR: UndefVarError: tensor not defined at main line 3")
