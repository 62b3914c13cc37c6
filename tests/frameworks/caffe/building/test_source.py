"""The pinned source: where it comes from, and that it is the one."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading

import pytest

from fwconformance.frameworks.caffe.building import BuildError, SourceMissing, _source


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
    assert _source.mirrors(targets) == ["http://mirror.example/debian"]


def test_a_machine_without_a_mirror_of_debian_is_told(tmp_path):
    with pytest.raises(BuildError, match="set to no mirror of Debian"):
        _source.mirrors("https://one.example/ubuntu Ubuntu\n")


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


@pytest.fixture
def pool(tmp_path):
    """(address of a mirror on this machine, the file that it would serve as the source)."""
    served = tmp_path / "mirror" / "debian" / _source._POOL.lstrip("/")
    served.parent.mkdir(parents=True)
    handler = functools.partial(Quiet, directory=str(tmp_path / "mirror"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/debian", served
        server.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Nothing: what the tests print is for people."""


def gone(_command):
    raise BuildError("`apt-get` ended with 100")


def test_where_the_release_has_gone_the_file_comes_from_a_pool(tmp_path, monkeypatch, pool):
    """Of the first mirror that still has it, if it is the one."""
    address, served = pool
    served.write_bytes(b"source")
    monkeypatch.setattr(_source.check, "__defaults__", (hashlib.sha256(b"source").hexdigest(),))
    empty = address.replace("/debian", "/other/debian")
    monkeypatch.setattr(_source, "_targets", lambda: f"{empty} Debian\n{address} Debian\n")
    (tmp_path / "kept").mkdir()
    assert _source.fetch(tmp_path / "kept", gone, {}).read_bytes() == b"source"


def test_another_file_in_the_pool_is_refused(tmp_path, monkeypatch, pool):
    address, served = pool
    served.write_bytes(b"another")
    monkeypatch.setattr(_source, "_targets", lambda: f"{address} Debian\n")
    (tmp_path / "kept").mkdir()
    with pytest.raises(BuildError, match=r"ended with 100; .* SHA-256 is .*, expected"):
        _source.fetch(tmp_path / "kept", gone, {})
    assert not (tmp_path / "kept" / _source.ARCHIVE).exists()


def test_where_all_sources_fail_the_message_asks_for_a_copy(tmp_path, monkeypatch, pool):
    address, _ = pool
    monkeypatch.setattr(_source, "_targets", lambda: f"{address} Debian\n")
    with pytest.raises(SourceMissing, match=f"ended with 100; {address}.*404.*Where you have a copy.*{_source.COPY}="):
        _source.fetch(tmp_path, gone, {})
