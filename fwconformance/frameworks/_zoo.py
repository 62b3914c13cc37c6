"""What Caffe's Model Zoo says of a model, and whether a file is the one that it says.

A model of the zoo is a folder or gist with a ``readme.md`` that begins with lines ``key: value`` between two lines
``---``: name, caffemodel (the file), caffemodel_url, license, sha1, caffe_commit
(https://caffe.berkeleyvision.org/model_zoo.html).
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import attrs

_DIGITS = {"sha1": 40, "sha256": 64}


class ZooError(ValueError):
    """A listing that says nothing usable, or a file that is not the published one."""


@attrs.frozen(kw_only=True)
class Listing:
    """What a model's readme states; "" where it does not.

    Attributes:
        name: of the model.
        file: of weights.
        url: where the file is.
        license: of the weights.
        sha1: of the file, 40 hexadecimal digits.
    """

    name: str = ""
    file: str = ""
    url: str = ""
    license: str = ""
    sha1: str = ""


def read_listing(path: Path) -> Listing:
    """What the readme at `path` states. Raises ZooError where it has no such lines, or no sha1; OSError."""
    found = re.match(
        r"\s*---[ \t]*\n(.*?)\n---[ \t]*(\n|$)", path.read_text(encoding="utf-8", errors="replace"), re.DOTALL
    )
    if found is None:
        raise ZooError(
            f"{path}: does not begin with lines `key: value` between two lines `---`, as the zoo's readmes do"
        )
    stated = dict(re.findall(r"^([A-Za-z_0-9]+):[ \t]*(.*?)[ \t]*$", found.group(1), re.MULTILINE))
    if not stated.get("sha1"):
        raise ZooError(f"{path}: states no sha1, so nothing says which file is meant: give --sha256 or --sha1")
    return Listing(
        name=stated.get("name", ""),
        file=stated.get("caffemodel", ""),
        url=stated.get("caffemodel_url", ""),
        license=stated.get("license", ""),
        sha1=checked("sha1", stated["sha1"]),
    )


def checked(kind: str, digest: str) -> str:
    """`digest` in lower case. Raises ZooError where it cannot be one of `kind` ("sha1", "sha256")."""
    plain = digest.strip().lower()
    if not re.match(rf"[0-9a-f]{{{_DIGITS[kind]}}}$", plain):
        raise ZooError(f"{digest!r} is no {kind}: it has {_DIGITS[kind]} hexadecimal digits")
    return plain


def verify(path: Path, kind: str, digest: str, url: str = "") -> None:
    """Raises ZooError where the file at `path` has another digest, saying which and where the right one is; OSError."""
    total = hashlib.new(kind)
    with path.open("rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            total.update(part)
    if total.hexdigest() != digest:
        again = f" from {url}" if url else ""
        raise ZooError(
            f"{path}: its {kind} is {total.hexdigest()}, {digest} was stated: the file is torn or another one; "
            f"fetch it again{again}"
        )
