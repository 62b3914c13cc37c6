"""Caffe's networks through Caffe2's translator: where its message classes come from, and what it refuses."""

from __future__ import annotations

import sys

import numpy as np
import pytest

pytest.importorskip("caffe2.python", reason="Caffe2 is not here: tox runs these tests in caffe2-cpu")
from caffe2.python import workspace

from fwconformance.frameworks import Unavailable, Unsupported
from fwconformance.frameworks._caffemodel import write_blobs
from fwconformance.frameworks.caffe2._translated import CaffeConversionPiece, translator

DEFINITION = """
input: "data" input_dim: 2 input_dim: 3 input_dim: 1 input_dim: 1
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 2 } }
"""


@pytest.fixture
def network(tmp_path):
    """(definition, weights): one dense layer, doubling and summing."""
    try:
        translator()
    except Unavailable as error:
        pytest.skip(str(error))
    write_blobs(tmp_path / "weights", {"fc": [np.array([[2.0, 0, 0], [1, 1, 1]]), np.array([0.5, 0])]})
    (tmp_path / "definition").write_text(DEFINITION, encoding="utf-8")
    return str(tmp_path / "definition"), str(tmp_path / "weights")


def test_it_is_converted(network):
    """Also a second time: the blobs of two networks keep apart."""
    inputs = np.array([[1.0, 2, 3], [4, 5, 6]]).reshape(2, 3, 1, 1)
    first = CaffeConversionPiece().forward(*network, inputs)
    second = CaffeConversionPiece().forward(*network, 2 * inputs)
    np.testing.assert_allclose(first.fetch(), [[2.5, 6], [8.5, 15]])
    np.testing.assert_allclose(second.fetch(), [[4.5, 12], [16.5, 30]])
    assert not workspace.HasBlob("data")


def test_what_it_does_not_convert_is_unsupported(network, tmp_path):
    """With the translator's own words."""
    (tmp_path / "definition").write_text(DEFINITION.replace('"InnerProduct"', '"SPP"'), encoding="utf-8")
    with pytest.raises(Unsupported, match="No translator registered for layer"):
        CaffeConversionPiece().forward(*network, np.zeros((2, 3, 1, 1)))


def test_no_package_caffe_is_left(network):
    assert "caffe" not in sys.modules or hasattr(sys.modules["caffe"], "Net")
