# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""TensorFlow from C: the C API of the library that lies in the Python package with its headers."""

from __future__ import annotations

from typing import Sequence

import tensorflow as tf

from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks.tensorflow._bindings_files import ByCheckpoint, library


class C(ByCheckpoint):
    """Graphs and sessions."""

    def projects(self) -> Sequence[Project]:
        """The one of the wheel."""
        return (
            Project(
                language="c",
                framework="tensorflow",
                artifact="the C API of the installed TensorFlow",
                lineage="official",
                because="TensorFlow's own wheel holds the library and the headers of its C API.",
                folder="c/tensorflow",
                shared="c/shared",
                tool="cmake-c",
                rungs=RUNGS[1:],
                settings={"TENSORFLOW_ROOT": str(library())},
                version=str(tf.__version__),
                environment={"TF_CPP_MIN_LOG_LEVEL": "3"},
            ),
        )
