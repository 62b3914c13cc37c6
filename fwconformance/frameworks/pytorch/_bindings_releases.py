"""Two releases of what binds Java to PyTorch, for one program."""

from __future__ import annotations

from typing import Sequence

import attrs

from fwconformance.frameworks._pieces_bindings import Releases, beside
from fwconformance.frameworks.pytorch import _bindings_jvm

#: The first release that the ladder's program builds with, and the library that it brings.
OLDER, LIBRARY = "0.28.0", "2.2.2"
#: What the program does without a file of Python's.
_RUNGS = ("arithmetic", "gradients", "training")


def pairs(torch: str) -> Sequence[Releases]:
    """The community's: the official one runs on no desktop."""
    _, community = beside(torch, (1, 8), *_bindings_jvm.projects())
    newer = attrs.evolve(community, rungs=_RUNGS)
    older = attrs.evolve(
        newer,
        artifact=f"ai.djl.pytorch:pytorch-engine:{OLDER}",
        settings={"djl.version": OLDER, "pytorch.version": LIBRARY},
        version=LIBRARY,
    )
    return (Releases(case="java-community", older=older, newer=attrs.evolve(newer, refusal=r"\.java:\[\d+,\d+\] ")),)
