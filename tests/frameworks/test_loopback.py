"""Files served on this machine."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest

from fwconformance.frameworks._loopback import served, tear


def test_a_file_comes_as_it_lies_there(tmp_path):
    (tmp_path / "weights.bin").write_bytes(b"abc" * 1000)
    with served(tmp_path) as address:
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{address}/weights.bin") as answer:  # our own server
            assert answer.read() == b"abc" * 1000


def test_nothing_answers_afterwards(tmp_path):
    with served(tmp_path) as address:
        pass
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address, timeout=5)  # our own server


def test_a_torn_file_differs_in_one_byte(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(range(100)))
    tear(path)
    torn = path.read_bytes()
    assert len(torn) == 100
    assert sum(a != b for a, b in zip(torn, range(100))) == 1
