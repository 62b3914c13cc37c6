"""Caffe's layers in NumPy, by hand and against the reference's own layers."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import NotAdapted
from fwconformance.frameworks._caffemodel import write_blobs
from fwconformance.frameworks.reference._caffemodel import CaffeModel

RNG = np.random.RandomState(1)


@pytest.fixture
def ran(tmp_path):
    """Outputs of one layer of a kind."""

    def run(kind, settings, inputs, *blobs):
        (tmp_path / "net").write_text(
            f'layer {{ name: "x" type: "{kind}" bottom: "data" top: "x" {settings} }}', encoding="utf-8"
        )
        write_blobs(tmp_path / "weights", {"x": blobs or (np.zeros(1),)})
        return CaffeModel().forward(str(tmp_path / "net"), str(tmp_path / "weights"), np.asarray(inputs, float)).array

    return run


def test_pooling_rounds_up(ran):
    """A window of two over five columns gives three, the last of one column; a mean divides by what is there."""
    row = np.arange(1.0, 6.0).reshape(1, 1, 1, 5)
    settings = "pooling_param { pool: %s kernel_h: 1 kernel_w: 2 stride: 2 }"
    np.testing.assert_array_equal(ran("Pooling", settings % "MAX", row).ravel(), [2, 4, 5])
    np.testing.assert_array_equal(ran("Pooling", settings % "AVE", row).ravel(), [1.5, 3.5, 5])


def test_padding_counts_in_a_mean(ran):
    """Padded cells are zeros that are counted; a window that begins beyond the image is left out."""
    row = np.array([[[[3.0, 6.0]]]])
    settings = "pooling_param { pool: AVE kernel_h: 1 kernel_w: 2 stride: 2 pad_h: 0 pad_w: 1 }"
    np.testing.assert_array_equal(ran("Pooling", settings, row).ravel(), [1.5, 3.0])


def test_convolution_in_groups(ran):
    """Each half of the kernels sees its half of the channels."""
    images, kernel, bias = RNG.normal(size=(2, 4, 5, 6)), RNG.normal(size=(6, 2, 3, 3)), RNG.normal(size=6)
    found = ran("Convolution", "convolution_param { group: 2 pad: 1 stride: 2 }", images, kernel, bias)
    padded = np.pad(images, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="constant")
    expected = (padded[1, 2:4, 2:5, 4:7] * kernel[5].astype("float32")).sum() + bias[5].astype("float32")
    assert found.shape == (2, 6, 3, 3)
    assert found[1, 5, 1, 2] == pytest.approx(expected)


def test_batch_norm_divides_by_its_weight(ran):
    """Mean and variance are sums, weighted by the third blob."""
    found = ran("BatchNorm", "batch_norm_param { eps: 0 }", np.array([[[[10.0]]]]), [8.0], [16.0], [2.0])
    assert found.item() == pytest.approx((10 - 4) / np.sqrt(8))


def test_normalisation_across_channels(ran):
    """Squares of neighbours within the window, over its size."""
    values = np.arange(1.0, 5.0).reshape(1, 4, 1, 1)
    found = ran("LRN", "lrn_param { local_size: 3 alpha: 3 beta: 0.5 k: 2 }", values).ravel()
    np.testing.assert_allclose(found[[0, 2]], [1 / np.sqrt(2 + 1 + 4), 3 / np.sqrt(2 + 4 + 9 + 16)])


def test_a_layer_that_it_lacks_is_a_gap_of_ours(ran):
    with pytest.raises(NotAdapted, match="no Caffe layer 'SPP'"):
        ran("SPP", "", np.zeros((1, 1, 1, 1)))
