"""The pinned source: Debian 11's package of it, from the mirror that this machine's own apt is set to.

A mirror drops old releases some day: then the file is looked for in the pools of all mirrors that apt knows, and
FWCONFORMANCE_CAFFE_SOURCE names a copy. Whatever gives it, its checksum must be the same.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import urllib.request
from pathlib import Path
from typing import Callable, Mapping, Sequence

from fwconformance.frameworks.caffe.building._errors import BuildError, SourceMissing

#: BVLC's master of 2018-08-21, but for documentation: the last but a few typing errors.
VERSION = "1.0.0"
ARCHIVE = "caffe_1.0.0+git20180821.99bd997.orig.tar.gz"
SHA256 = "e0eb3f06794f7402c77b7dec8e8480273ee1a1bb192e9122b621a69d4147ad0c"
SUITE = "bullseye"
_POOL = f"/pool/main/c/caffe/{ARCHIVE}"
COPY = "FWCONFORMANCE_CAFFE_SOURCE"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def check(path: Path, sha256: str = SHA256) -> None:
    """Raise BuildError where the file's SHA-256 is not `sha256`."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise BuildError(f"{path.name}: SHA-256 is {found}, expected {sha256}: damaged, or another source")


def mirrors(targets: str) -> list[str]:
    """The addresses of Debian's main archive in what `apt-get indextargets` printed: lines of address and label.

    Raises BuildError where none is there.
    """
    found = []
    for line in targets.splitlines():
        address, _, label = line.partition(" ")
        path = address.rstrip("/")
        if label.strip() == "Debian" or (not label.strip() and path.endswith("/debian")):
            found.append(path)
    if not found:
        raise BuildError("apt on this machine is set to no mirror of Debian, where Caffe's source comes from")
    return list(dict.fromkeys(found))


def fetch(folder: Path, run: Callable[[Sequence[str]], None], environment: Mapping[str, str] = os.environ) -> Path:
    """The source archive in `folder`, checked: what is there, else the copy that the user names, else Debian's.

    Debian's by apt first, as its release has it; where that has gone, the file itself from each mirror that apt knows:
    a pool keeps what any release still names. `run` raises BuildError on failure. Raises BuildError where no source has
    it, with what was wrong with each; SourceMissing where it is Debian's that was not to be had.
    """
    archive, copy = folder / ARCHIVE, environment.get(COPY, "")
    if archive.is_file():
        return _checked(archive)
    ways: list[Callable[[], None]] = [lambda: _copy(copy, archive)]
    if not copy:
        try:
            addresses = mirrors(_targets())
        except BuildError as error:
            raise SourceMissing(f"{error}. {_ASK}") from error
        ways = [lambda: _download(folder, addresses[0], run)]
        ways += [lambda address=address: _take(address + _POOL, archive) for address in addresses]  # type: ignore[misc]
    wrong = []
    for way in ways:
        try:
            way()
            return _checked(archive)
        except BuildError as error:
            wrong.append(str(error))
    kind = BuildError if copy else SourceMissing
    raise kind(f"Caffe's source is not to be had: {'; '.join(wrong)}. {_ASK}")


def _checked(archive: Path) -> Path:
    if not archive.is_file():
        raise BuildError(f"apt downloaded no {ARCHIVE}: the mirror has another version of Caffe's source")
    try:
        check(archive)
    except BuildError:
        archive.unlink()
        raise
    return archive


_ASK = f"Where you have a copy of {ARCHIVE} (SHA-256 {SHA256}), name it, as a path or an address: {COPY}=..."


def _copy(named: str, archive: Path) -> None:
    try:
        if "://" in named:
            _take(named, archive)
        else:
            shutil.copyfile(named, str(archive))
    except (OSError, BuildError) as error:
        raise BuildError(f"{COPY}={named} cannot be read: {error}") from error


def _take(address: str, archive: Path) -> None:
    part = archive.with_suffix(".part")
    try:
        with urllib.request.urlopen(address, timeout=60) as answer, part.open("wb") as file:  # noqa: S310  # of apt, or the user
            shutil.copyfileobj(answer, file)
    except (OSError, ValueError) as error:
        raise BuildError(f"{address}: {error}") from error
    part.replace(archive)


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
