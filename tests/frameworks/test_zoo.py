"""What the zoo's listings state, and files that are not the published ones."""

from __future__ import annotations

import hashlib

import pytest

from fwconformance.frameworks._zoo import Listing, ZooError, checked, read_listing, verify

README = """---
name: A Model of {braces}: with colons
caffemodel: a.caffemodel
caffemodel_url: http://zoo.invalid/a.caffemodel
license: BSD-2-Clause
sha1: 4C8D77DEB20EA792F84EB5E6D0A11CA0A8660A46
caffe_commit: 709dc159
---

sha1: not this one
"""
SHA1 = "4c8d77deb20ea792f84eb5e6d0a11ca0a8660a46"


@pytest.fixture
def readme(tmp_path):
    return tmp_path / "readme.md"


def test_a_listing_is_read(readme):
    """The lines between the rules alone; the digest in lower case."""
    readme.write_text(README, encoding="utf-8")
    assert read_listing(readme) == Listing(
        name="A Model of {braces}: with colons",
        file="a.caffemodel",
        url="http://zoo.invalid/a.caffemodel",
        license="BSD-2-Clause",
        sha1=SHA1,
    )


@pytest.mark.parametrize(
    ("text", "saying"),
    [
        ("# A model\nsha1: 12\n", "does not begin with lines"),
        ("---\nname: a\n---\n", "states no sha1"),
        ("---\nsha1: 12\n---\n", "'12' is no sha1: it has 40 hexadecimal digits"),
    ],
)
def test_a_listing_without_a_digest_is_refused(readme, text, saying):
    readme.write_text(text, encoding="utf-8")
    with pytest.raises(ZooError, match=saying):
        read_listing(readme)


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_the_file_that_was_meant_passes(tmp_path, kind):
    (tmp_path / "a").write_bytes(b"weights")
    verify(tmp_path / "a", kind, hashlib.new(kind, b"weights").hexdigest())


def test_another_file_is_refused(tmp_path):
    """With both digests, and where the right one is to be had."""
    (tmp_path / "a").write_bytes(b"weights")
    with pytest.raises(ZooError, match=rf"sha1 is [0-9a-f]{{40}}, {SHA1} was stated.*fetch it again from there"):
        verify(tmp_path / "a", "sha1", SHA1, "there")


def test_digests_have_their_length():
    assert checked("sha1", f" {SHA1.upper()}\n") == SHA1
    with pytest.raises(ZooError, match="64 hexadecimal digits"):
        checked("sha256", SHA1)
