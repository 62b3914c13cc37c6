"""TensorFlow's piece "bindings": what C++ is given and what comes back, without a compiler."""

from __future__ import annotations

import pytest

tf = pytest.importorskip("tensorflow", reason="TensorFlow is not installed: tox runs these tests in tensorflow-cpu")

import numpy as np  # noqa: E402

from fwconformance.frameworks import (  # noqa: E402
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
    return Seam(create("tensorflow"))


@pytest.fixture
def piece(seam):
    return seam.piece("bindings")


@pytest.mark.parametrize("language", ["c", "cpp"])
def test_the_program_is_told_where_the_library_is(piece, language):
    (project,) = [Project.from_json(one) for one in piece.projects(language)]
    assert project.settings == {"TENSORFLOW_ROOT": tf.sysconfig.get_lib()}
    assert (project.lineage, project.version) == ("official", tf.__version__)


def test_another_language_is_our_gap(piece):
    with pytest.raises(NotAdapted, match="no program in scala yet"):
        piece.projects("scala")


def test_two_releases_are_compared_by_one_program(piece):
    pairs = [Releases.from_json(one) for one in piece.releases()]
    assert [pair.case for pair in pairs] == ["java", "java-1", "javascript", "go"]
    for pair in pairs:
        assert (pair.older.folder, pair.older.rungs) == (pair.newer.folder, pair.newer.rungs)
        assert pair.older.settings != pair.newer.settings
        assert pair.older.artifact != pair.newer.artifact


def test_tfjs_node_is_tried_as_released_and_for_the_installed_library(piece):
    """Each says which library it runs with; other ways of JavaScript need neither."""
    *_, released, built = [Project.from_json(one) for one in piece.projects("javascript")]
    assert (released.case, released.version) == ("node-addon", "4.22.0 on TensorFlow 2.9.1")
    assert (built.case, built.version) == ("node-addon-from-source", f"4.22.0 on TensorFlow {tf.__version__}")
    assert built.settings["TENSORFLOW_ROOT"] == tf.sysconfig.get_lib()
    assert {released.folder, built.folder} == {"javascript/tensorflow-node"}


def test_without_the_library_only_the_addon_cannot_be_built(piece, monkeypatch, tmp_path):
    monkeypatch.setattr(tf.sysconfig, "get_lib", lambda: str(tmp_path))
    projects = {one.case or one.lineage: one for one in map(Project.from_json, piece.projects("javascript"))}
    assert "lacks libtensorflow_cc.so.2" in projects.pop("node-addon-from-source").unavailable
    assert sorted(projects) == ["browser", "node-addon", "official"]
    assert not any(one.unavailable for one in projects.values())


def test_tfjs_node_is_given_the_saved_model_itself(seam, piece, tmp_path, rng):
    project = next(one for one in piece.projects("javascript") if one["case"] == "node-addon")
    files = piece.export(project, seam.build(NETWORK), rng.normal(size=(4, 3)), str(tmp_path))
    assert (tmp_path / files["model"] / "saved_model.pb").is_file()


def test_it_reads_a_module_that_python_saved(piece, tmp_path, rng):
    class Twice(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
        def __call__(self, x):
            return 2.0 * x

    tf.saved_model.save(Twice(), str(tmp_path / "trained"))
    x = rng.normal(size=(5, 3)).astype(np.float32)
    outputs = piece.restored({"language": "python"}, NETWORK, {"model": "trained"}, str(tmp_path), x)
    np.testing.assert_array_equal(outputs, 2 * x)


@pytest.mark.parametrize("language", ["c", "cpp"])
def test_a_wheel_without_the_library_is_unavailable(piece, monkeypatch, tmp_path, language):
    monkeypatch.setattr(tf.sysconfig, "get_lib", lambda: str(tmp_path))
    with pytest.raises(Unavailable, match=r"lacks libtensorflow_cc\.so\.2 or its headers"):
        piece.projects(language)


@pytest.mark.parametrize("language", ["c", "cpp", "go", "java", "rust"])
def test_what_it_exports_takes_any_batch(seam, piece, tmp_path, rng, language):
    model = seam.build(NETWORK)
    files = piece.export({"language": language}, model, rng.normal(size=(4, 3)), str(tmp_path))
    inputs = rng.normal(size=(5, 3)).astype(np.float32)
    served = tf.saved_model.load(str(tmp_path / files["model"])).signatures["serving_default"]
    (outputs,) = served(inputs=tf.constant(inputs)).values()
    assert np.allclose(outputs.numpy(), model.forward(inputs), atol=1e-6)


@pytest.mark.parametrize("language", ["c", "cpp", "go", "java", "rust"])
def test_it_reads_a_checkpoint_of_three_weights(seam, piece, tmp_path, rng, language):
    weights = {"w1": (3, 4), "b1": (4,), "w2": (4, 2)}
    values = {name: rng.normal(size=shape).astype(np.float32) for name, shape in weights.items()}
    tf.raw_ops.SaveV2(
        prefix=str(tmp_path / "trained"),
        tensor_names=list(values),
        shape_and_slices=[""] * 3,
        tensors=[tf.constant(value) for value in values.values()],
    )
    inputs = rng.normal(size=(5, 3)).astype(np.float32)
    outputs = piece.restored({"language": language}, NETWORK, {"weights": "trained.index"}, str(tmp_path), inputs)
    expected = np.tanh(inputs @ values["w1"] + values["b1"]) @ values["w2"]
    assert np.allclose(outputs, expected, atol=1e-5)
