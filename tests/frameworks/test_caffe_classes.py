"""Caffe's classes of messages out of its kept build, for others' converters."""

from __future__ import annotations

import sys
import zipfile

import pytest

from fwconformance.frameworks import Unavailable, _caffe_classes
from fwconformance.frameworks._caffe_classes import importable, kept_classes


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A cache with a build; its classes are one number. Returns a way to give them other contents."""
    monkeypatch.setattr(_caffe_classes, "cache_folder", lambda: tmp_path)

    def keep(source):
        folder = tmp_path / "caffe" / "0123"
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(str(folder / "caffe-1.0.0-cp311.whl"), "w") as archive:
            archive.writestr("caffe/proto/caffe_pb2.py", source)

    return keep


def test_without_a_kept_build_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(_caffe_classes, "cache_folder", lambda: tmp_path)
    with pytest.raises(Unavailable, match="run `tox -e caffe-cpu` once"):
        kept_classes()


def test_they_can_be_imported_inside_alone(kept):
    """By the name that was asked for, within packages of the names before it; nothing is left."""
    kept("answer = 42")
    before = sys.modules.get("caffe")
    with importable("caffe", "caffe.proto", "caffe.proto.caffe_pb2"):
        from caffe.proto import caffe_pb2

        assert caffe_pb2.answer == 42
    assert "caffe.proto.caffe_pb2" not in sys.modules
    assert sys.modules.get("caffe") is before


def test_protobuf_is_named_where_it_is_missing(kept):
    kept("raise ModuleNotFoundError('no', name='google.protobuf')")
    with pytest.raises(Unavailable, match="install protobuf"), importable("caffe_pb2"):
        pass
