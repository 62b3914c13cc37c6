"""The pinned source: Debian 11's package of it, from the mirror that this machine's own apt is set to.

A mirror drops old releases some day; FWCONFORMANCE_CAFFE_SOURCE names a copy, which must have the same checksum.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import Callable, Mapping, Sequence

from fwconformance.frameworks.caffe.building._errors import BuildError

#: BVLC's master of 2018-08-21, but for documentation: the last but a few typing errors.
VERSION = "1.0.0"
ARCHIVE = "caffe_1.0.0+git20180821.99bd997.orig.tar.gz"
SHA256 = "e0eb3f06794f7402c77b7dec8e8480273ee1a1bb192e9122b621a69d4147ad0c"
SUITE = "bullseye"
COPY = "FWCONFORMANCE_CAFFE_SOURCE"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def check(path: Path, sha256: str = SHA256) -> None:
    """Raise BuildError where the file's SHA-256 is not `sha256`."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise BuildError(f"{path.name}: SHA-256 is {found}, expected {sha256}: damaged, or another source")


def mirror(targets: str) -> str:
    """The address of Debian's main archive in what `apt-get indextargets` printed: lines of address and label.

    Raises BuildError where none is there.
    """
    for line in targets.splitlines():
        address, _, label = line.partition(" ")
        path = address.rstrip("/")
        if label.strip() == "Debian" or (not label.strip() and path.endswith("/debian")):
            return path
    raise BuildError("apt on this machine is set to no mirror of Debian, where Caffe's source comes from")


def fetch(folder: Path, run: Callable[[Sequence[str]], None], environment: Mapping[str, str] = os.environ) -> Path:
    """The source archive in `folder`, checked: what is there, else the copy that the user names, else Debian's.

    `run` raises BuildError on failure. Raises BuildError where no source has it, or what one has is another file.
    """
    archive, copy = folder / ARCHIVE, environment.get(COPY, "")
    if not archive.is_file():
        try:
            if copy:
                _copy(copy, archive)
            else:
                _download(folder, mirror(_targets()), run)
        except BuildError as error:
            raise BuildError(f"{error}. {_ASK}") from error
    if not archive.is_file():
        raise BuildError(f"apt downloaded no {ARCHIVE}: the mirror has another version of Caffe's source. {_ASK}")
    try:
        check(archive)
    except BuildError:
        archive.unlink()
        raise
    return archive


_ASK = f"Where you have a copy of {ARCHIVE} (SHA-256 {SHA256}), name it, as a path or an address: {COPY}=..."


def _copy(named: str, archive: Path) -> None:
    try:
        if "://" not in named:
            shutil.copyfile(named, str(archive))
            return
        part = archive.with_suffix(".part")
        with urllib.request.urlopen(named, timeout=60) as answer, part.open("wb") as file:  # noqa: S310  # the user's own
            shutil.copyfileobj(answer, file)
        part.replace(archive)
    except (OSError, ValueError) as error:
        raise BuildError(f"{COPY}={named} cannot be read: {error}") from error


def _targets() -> str:
    return subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
    ).stdout


def _download(folder: Path, address: str, run: Callable[[Sequence[str]], None]) -> None:
    """By apt with lists and settings of its own: the machine's are left as they are, its proxies hold."""
    private = folder / "apt"
    for name in ("lists/partial", "cache/archives/partial"):
        (private / name).mkdir(parents=True, exist_ok=True)
    signed = f"[signed-by={_KEYRING}] " if _KEYRING.is_file() else ""
    (private / "sources.list").write_text(f"deb-src {signed}{address} {SUITE} main\n", encoding="utf-8")
    settings = {
        "Dir::Etc::sourcelist": private / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": private / "lists",
        "Dir::Cache": private / "cache",
        "APT::Sandbox::User": "root",
        "Acquire::Check-Valid-Until": "false",
    }
    apt = ["apt-get", *(word for key, value in settings.items() for word in ("-o", f"{key}={value}"))]
    run([*apt, "update"])
    run([*apt, "source", "--download-only", "caffe"])
