"""The pinned source: where it comes from, and that it is the one."""

from __future__ import annotations

import hashlib

import pytest

from fwconformance.frameworks.caffe.building import BuildError, _source


def test_a_file_with_the_pinned_sum_is_taken(tmp_path):
    path = tmp_path / "source.tar.gz"
    path.write_bytes(b"source")
    _source.check(path, hashlib.sha256(b"source").hexdigest())


def test_a_file_with_another_sum_is_refused_and_named(tmp_path):
    path = tmp_path / "source.tar.gz"
    path.write_bytes(b"another")
    with pytest.raises(BuildError, match=r"source\.tar\.gz: SHA-256 is .* expected"):
        _source.check(path)


def test_a_damaged_archive_does_not_stay(tmp_path):
    """The next run downloads it again."""
    archive = tmp_path / _source.ARCHIVE
    archive.write_bytes(b"damaged")
    with pytest.raises(BuildError, match="damaged, or another source"):
        _source.fetch(tmp_path, lambda _command: pytest.fail("it was there"))
    assert not archive.exists()


@pytest.mark.parametrize(
    "targets",
    [
        "https://one.example/apt cloud\nhttp://mirror.example/debian/ Debian\n",
        "http://mirror.example/debian-security/ Debian-Security\nhttp://mirror.example/debian Debian\n",
        "http://mirror.example/debian-security/ \nhttp://mirror.example/debian/ \n",
    ],
    ids=["among others", "not security's", "before the lists are there"],
)
def test_the_mirror_is_the_one_that_apt_is_set_to(targets):
    assert _source.mirror(targets) == "http://mirror.example/debian"


def test_a_machine_without_a_mirror_of_debian_is_told(tmp_path):
    with pytest.raises(BuildError, match="set to no mirror of Debian"):
        _source.mirror("https://one.example/ubuntu Ubuntu\n")
