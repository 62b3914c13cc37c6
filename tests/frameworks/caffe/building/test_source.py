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


def nothing(_command):
    pytest.fail("apt is not asked where the user names a copy")


@pytest.mark.parametrize("address", [False, True], ids=["path", "address"])
def test_a_copy_that_the_user_names_is_taken(tmp_path, monkeypatch, address):
    copy = tmp_path / "copy.tar.gz"
    copy.write_bytes(b"source")
    monkeypatch.setattr(_source.check, "__defaults__", (hashlib.sha256(b"source").hexdigest(),))
    (tmp_path / "kept").mkdir()
    named = copy.as_uri() if address else str(copy)
    found = _source.fetch(tmp_path / "kept", nothing, {_source.COPY: named})
    assert found.read_bytes() == b"source"


def test_a_copy_that_is_another_file_is_refused(tmp_path):
    copy = tmp_path / "copy.tar.gz"
    copy.write_bytes(b"another")
    with pytest.raises(BuildError, match="damaged, or another source"):
        _source.fetch(tmp_path, nothing, {_source.COPY: str(copy)})


@pytest.mark.parametrize("named", ["no/such/file", "file:///no/such/file", "no-scheme-known://x"])
def test_a_copy_that_cannot_be_read_is_named(tmp_path, named):
    with pytest.raises(BuildError, match=f"{_source.COPY}={named} cannot be read.*SHA-256 {_source.SHA256}"):
        _source.fetch(tmp_path, nothing, {_source.COPY: named})


def test_where_the_mirror_fails_the_message_asks_for_a_copy(tmp_path, monkeypatch):
    monkeypatch.setattr(_source, "_targets", lambda: "http://mirror.example/debian Debian\n")

    def gone(_command):
        raise BuildError("`apt-get` ended with 100")

    with pytest.raises(BuildError, match=f"ended with 100. Where you have a copy.*{_source.COPY}="):
        _source.fetch(tmp_path, gone, {})
