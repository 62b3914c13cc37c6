"""Comparing installed versions with declared ones."""

from __future__ import annotations

import re
from typing import Mapping

_BUILD = re.compile(r"-(cpu|gpu|cu\d+)$")


def version_of(distribution: str, versions: Mapping[str, str]) -> str | None:
    """The version of `distribution` among `versions`, whichever build of it that is; None where it is not there.

    A framework's module cannot say whether it came as tensorflow or tensorflow-cpu, as mxnet or mxnet-cu112.
    """
    by_name = {_normal(name): version for name, version in sorted(versions.items())}
    exact = by_name.get(_normal(distribution))
    if exact is not None:
        return exact
    family = _BUILD.sub("", _normal(distribution))
    for name, version in by_name.items():
        if _BUILD.sub("", name) == family:
            return version
    return None


def same_release(seen: str, wanted: str) -> bool:
    """Whether `seen` is the release `wanted`; a local build ("2.15.0+cpu") counts unless `wanted` names one itself."""
    return seen == wanted or ("+" not in wanted and seen.split("+", 1)[0] == wanted)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
