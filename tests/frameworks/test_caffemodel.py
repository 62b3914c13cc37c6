"""Caffe's files of weights: read back as written, and refused where they are torn."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fwconformance.frameworks._caffemodel import CaffemodelError, read_blobs, write_blobs, write_shuffled

RNG = np.random.RandomState(0)
BLOBS = {"conv": [RNG.normal(size=(4, 3, 2, 2)), RNG.normal(size=4)], "fc": [RNG.normal(size=(200, 5))]}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.caffemodel"
    write_blobs(path, BLOBS)
    return path


def test_it_is_read_back(file):
    """Names, shapes and values, in their order."""
    found = read_blobs(file)
    assert [blob.name for blob in found] == ["conv.0", "conv.1", "fc.0"]
    for blob, values in zip(found, [*BLOBS["conv"], *BLOBS["fc"]]):
        np.testing.assert_array_equal(blob.values, values.astype("float32"))


def test_the_older_format(tmp_path):
    """Layers of before 2014: the name is field 4, blobs are field 6, a shape is four numbers, values lie one by one."""
    numbers = np.array([1.0, 2.0, 3.0], "<f4")
    blob = b"\x08\x01\x10\x01\x18\x01\x20\x03" + b"".join(b"\x2d" + value.tobytes() for value in numbers)
    layer = b"\x22\x02ip" + b"\x32" + bytes([len(blob)]) + blob
    (tmp_path / "old").write_bytes(b"\x12" + bytes([len(layer)]) + layer)
    (found,) = read_blobs(tmp_path / "old")
    assert found.name == "ip.0"
    np.testing.assert_array_equal(found.values, numbers.reshape(1, 1, 1, 3))


@given(st.data())
def test_a_torn_file_is_refused(tmp_path_factory, data):
    """Wherever it is cut off within a layer, the message names the file and says what to do."""
    path = tmp_path_factory.mktemp("torn") / "a.caffemodel"
    write_blobs(path, {"only": [np.ones((3, 2))]})
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(1, len(content) - 1))])
    with pytest.raises(CaffemodelError, match=r"a.caffemodel: not a whole caffemodel: .*fetch it again"):
        read_blobs(path)


@pytest.mark.parametrize("content", [b"", b"\x0a\x01a"])
def test_a_file_without_weights_is_refused(tmp_path, content):
    (tmp_path / "empty").write_bytes(content)
    with pytest.raises(CaffemodelError, match="holds no layer with weights"):
        read_blobs(tmp_path / "empty")


@given(st.binary(max_size=60))
def test_no_bytes_end_in_another_error(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(content)
    with contextlib.suppress(CaffemodelError):
        read_blobs(path)


def test_shuffling_moves_kernels_alone(file, tmp_path):
    """Each keeps its values in another order; what has one dimension stays."""
    moved = write_shuffled(file, tmp_path / "b", np.random.default_rng(0))
    assert moved == 4 * 3 * 2 * 2 + 200 * 5
    for before, after in zip(read_blobs(file), read_blobs(tmp_path / "b")):
        np.testing.assert_array_equal(np.sort(before.values, None), np.sort(after.values, None))
        assert (before.values.ndim > 1) == bool(np.any(before.values != after.values))
