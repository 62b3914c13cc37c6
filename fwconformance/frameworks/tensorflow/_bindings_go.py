# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""TensorFlow from Go: the module of TensorFlow's repository, and its living fork, over the wheel's C library."""

from __future__ import annotations

from typing import Sequence

import attrs
import tensorflow as tf

from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks.tensorflow._bindings_files import ByCheckpoint, library

#: As in the programs' go.mod.
OFFICIAL, COMMUNITY = "v2.21.0+incompatible", "v0.10.0"


class Go(ByCheckpoint):
    """Graphs and sessions by cgo."""

    def projects(self) -> Sequence[Project]:
        """The original's, then the fork's."""
        package = library()
        official = Project(
            language="go",
            framework="tensorflow",
            artifact=f"the Go module github.com/tensorflow/tensorflow {OFFICIAL}",
            lineage="official",
            because="It lies in TensorFlow's own repository.",
            folder="go/tensorflow",
            shared="go/shared",
            tool="go",
            rungs=("arithmetic",),
            settings={
                "CGO_CFLAGS": f"-I{package / 'include'}",
                # The folder holds a library for the linker by the name that the module asks for.
                "CGO_LDFLAGS": f"-L{{source}}/../shared/lib -L{package} -Wl,-rpath,{package}",
            },
            version=str(tf.__version__),
            environment={"TF_CPP_MIN_LOG_LEVEL": "3"},
            # Generated in a clone of the repository, and in no module.
            refusal=r"no required module provides package \S*for_core_protos_go_proto",
        )
        community = attrs.evolve(
            official,
            artifact=f"the Go module github.com/wamuir/graft {COMMUNITY}",
            lineage="community",
            because="A fork of the official bindings that a community keeps releasing, generated code included.",
            folder="go/tensorflow-graft",
            rungs=RUNGS[1:],
            refusal="",
        )
        return official, community
