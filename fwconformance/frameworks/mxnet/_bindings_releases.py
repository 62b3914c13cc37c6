"""Two releases of what binds Java to MXNet, for one program."""

from __future__ import annotations

from typing import Sequence

import attrs

from fwconformance.frameworks._pieces_bindings import Releases
from fwconformance.frameworks.mxnet import _bindings_jvm

#: The first release that the ladder's program builds with, and the library that it brings.
OLDER, LIBRARY = "0.28.0", "1.9.0"
#: What the program does without a file of Python's.
_RUNGS = ("arithmetic", "gradients", "training")


def pairs(mxnet: str) -> Sequence[Releases]:
    """The community's: the official one is in no registry any more."""
    newer = attrs.evolve(_bindings_jvm.projects("java", mxnet)[1], rungs=_RUNGS)
    older = attrs.evolve(
        newer,
        artifact=f"ai.djl.mxnet:mxnet-engine:{OLDER}",
        settings={"djl.version": OLDER},
        version=LIBRARY,
    )
    return (Releases(case="java-community", older=older, newer=attrs.evolve(newer, refusal=r"\.java:\[\d+,\d+\] ")),)
