"""The piece "unchanged-build": whether Caffe's last release compiles today as it was released."""

from __future__ import annotations

from pathlib import Path

from fwconformance.frameworks._probes import refuse
from fwconformance.frameworks._protocol import Unavailable
from fwconformance.frameworks.caffe.building import _unchanged


class UnchangedBuildPiece:
    """`UnchangedBuild` of the seam."""

    released = "2017-04-15"

    def attempt(self, folder: str) -> str:
        missing = _unchanged.lacking()
        if missing:
            raise Unavailable(missing)
        probe = _unchanged.Unchanged(tree=_unchanged.unpacked(Path(folder)))
        absent, evidence = probe.run()
        if absent:
            refuse(probe)
        return evidence
