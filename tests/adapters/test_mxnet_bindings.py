"""MXNet's piece "bindings": what other languages are given and what comes back, without a compiler."""

from __future__ import annotations

import warnings

import pytest

with warnings.catch_warnings():
    # Its last release uses names that NumPy has deprecated since.
    warnings.simplefilter("ignore", DeprecationWarning)
    mxnet = pytest.importorskip("mxnet", reason="MXNet is not installed here: tox runs these tests in mxnet-cpu")

import numpy as np

from fwconformance.frameworks import (
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


def test_the_program_is_told_where_the_library_is(piece):
    (project,) = [Project.from_json(one) for one in piece.projects("cpp")]
    assert project.settings["MXNET_ROOT"].endswith("mxnet")
    assert (project.lineage, project.version) == ("official", mxnet.__version__)


def test_another_language_is_our_gap(piece):
    with pytest.raises(NotAdapted, match="no program in scala yet"):
        piece.projects("scala")


def test_two_releases_are_compared_by_one_program(piece):
    (pair,) = [Releases.from_json(one) for one in piece.releases()]
    assert pair.case == "java-community"
    assert (pair.older.folder, pair.older.rungs) == (pair.newer.folder, pair.newer.rungs)
    assert pair.older.settings != pair.newer.settings


def test_java_is_offered_by_the_project_and_by_a_community(piece):
    official, community = [Project.from_json(one) for one in piece.projects("java")]
    assert (official.lineage, community.lineage) == ("official", "community")
    assert official.refusal
    assert not community.refusal
    assert not community.unavailable


@pytest.mark.parametrize(("version", "tried"), [("1.7.0", False), ("1.9.1", True)])
def test_what_a_registry_lacks_today_says_nothing_of_2020(version, tried):
    from fwconformance.frameworks.mxnet._bindings_jvm import projects

    official, _ = projects(version)
    assert (official.unavailable == "") is tried


def test_a_wheel_without_headers_is_unavailable(piece, monkeypatch, tmp_path):
    monkeypatch.setattr(mxnet, "__file__", str(tmp_path / "mxnet" / "__init__.py"))
    with pytest.raises(Unavailable, match=r"without libmxnet\.so or its headers"):
        piece.projects("cpp")


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
