"""`fwconformance model`: a model of the zoo is checked before it is run, and what is wrong is said in one line."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from fwconformance.cli import main
from fwconformance.frameworks._caffemodel import write_blobs
from fwconformance.runtimes import VARIABLE

DEFINITION = """
input: "data" input_dim: 1 input_dim: 2 input_dim: 1 input_dim: 1
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 3 } }
layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }
"""
EXIT = {"measured": 0, "faults": 1, "usage": 2}


@pytest.fixture
def zoo(tmp_path, monkeypatch):
    """A folder as the zoo's are, in which the command is called; OpenCV takes no part."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "deploy.prototxt").write_text(DEFINITION, encoding="utf-8")
    write_blobs(tmp_path / "a.caffemodel", {"fc": [np.arange(6.0).reshape(3, 2), np.ones(3)]})
    digest = hashlib.sha1((tmp_path / "a.caffemodel").read_bytes()).hexdigest()
    (tmp_path / "readme.md").write_text(f"---\nname: Tiny\nlicense: none\nsha1: {digest}\n---\n", encoding="utf-8")
    return tmp_path


def model(*more, weights="a.caffemodel", framework="reference"):
    return main(["model", "deploy.prototxt", weights, "--framework", framework, *more])


def test_it_is_run(zoo, capsys):
    """Name, licence and size of the model, and each importer with its answer."""
    assert model("--listing", "readme.md") == EXIT["measured"]
    said = capsys.readouterr().out
    assert "Tiny; licence: none" in said
    assert "2 layers, 9 weights in 2 blobs" in said
    assert "reference  0" in said


def test_given_inputs(zoo, capsys):
    """Softmax of (2, 6, 10), for an image of two ones."""
    np.save("inputs.npy", np.ones((1, 2, 1, 1)))
    assert model("--listing", "readme.md", "--inputs", "inputs.npy") == EXIT["measured"]
    assert "2: 0.9817, 1: 0.01798" in capsys.readouterr().out


def refused(capsys, *more, **named):
    code = model(*more, **named)
    said = capsys.readouterr().err
    assert said.startswith("fwconformance: error: ")
    assert len(said.splitlines()) == 1
    assert code == EXIT["usage"]
    return said


def test_a_wrong_digest_is_refused(zoo, capsys):
    """Also where another one is right."""
    said = refused(capsys, "--listing", "readme.md", "--sha256", "0" * 64)
    assert "its sha256 is" in said
    assert f"{'0' * 64} was stated" in said


def test_no_digest_is_refused(zoo, capsys):
    assert "give --listing (the zoo's readme.md), --sha1 or --sha256" in refused(capsys)


def test_a_missing_file_is_refused(zoo, capsys):
    assert "other.caffemodel: no such file" in refused(capsys, weights="other.caffemodel")


def test_a_torn_file_is_refused(zoo, capsys):
    """Even where its digest is what was stated."""
    content = (zoo / "a.caffemodel").read_bytes()[:-5]
    (zoo / "torn.caffemodel").write_bytes(content)
    said = refused(capsys, "--sha1", hashlib.sha1(content).hexdigest(), weights="torn.caffemodel")
    assert "torn.caffemodel: not a whole caffemodel" in said


def test_a_broken_definition_is_refused(zoo, capsys):
    (zoo / "deploy.prototxt").write_text("layer { name: 'fc'", encoding="utf-8")
    assert "deploy.prototxt: line 1:" in refused(capsys, "--listing", "readme.md")


def test_weights_of_another_network_are_refused(zoo, capsys):
    write_blobs("a.caffemodel", {"other": [np.ones((3, 2))]})
    digest = hashlib.sha256((zoo / "a.caffemodel").read_bytes()).hexdigest()
    assert "weights for none of the layers" in refused(capsys, "--sha256", digest)


def test_inputs_of_another_shape_are_refused(zoo, capsys):
    np.save("inputs.npy", np.ones((1, 3, 1, 1)))
    assert "(examples, 2, 1, 1) are asked for" in refused(capsys, "--listing", "readme.md", "--inputs", "inputs.npy")


def test_a_framework_that_cannot_is_named(zoo, capsys):
    """A layer that the reference has not got is no answer, and no traceback."""
    text = DEFINITION.replace('"Softmax"', '"SPP"')
    (zoo / "deploy.prototxt").write_text(text, encoding="utf-8")
    assert "reference cannot be asked: the reference has no Caffe layer 'SPP'" in refused(
        capsys, "--listing", "readme.md"
    )


def test_importers_that_disagree_are_exit_1(zoo, capsys, monkeypatch):
    """OpenCV's answer beside the reference's."""
    from fwconformance.cli import _model

    monkeypatch.setattr(_model, "_by_opencv", lambda *_: np.full((1, 3), 1 / 3))
    assert model("--listing", "readme.md") == EXIT["faults"]
    assert "NO" in capsys.readouterr().out


def test_a_file_that_cannot_be_read_ends_in_one_line(zoo, capsys):
    """What is not the format at all."""
    (zoo / "b").write_bytes(b"\xff" * 40)
    digest = hashlib.sha256(b"\xff" * 40).hexdigest()
    assert "b: not a whole caffemodel" in refused(capsys, "--sha256", digest, weights="b")
