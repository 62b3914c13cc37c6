# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""TensorFlow from Java: the artifacts of TensorFlow Java, which bring a library of their own."""

from __future__ import annotations

from typing import Sequence

import tensorflow as tf

from fwconformance.frameworks._pieces_bindings import RUNGS, Project, beside
from fwconformance.frameworks.tensorflow._bindings_files import ByCheckpoint

#: As in the program's pom.xml, and what the library in it says of itself.
VERSION, LIBRARY = "1.1.0", "2.18.0"


class Java(ByCheckpoint):
    """Eager operations and graphs, SavedModels, checkpoints."""

    def projects(self) -> Sequence[Project]:
        """The one of Maven Central."""
        return beside(
            str(tf.__version__),
            (2, 5),
            Project(
                language="java",
                framework="tensorflow",
                artifact=f"org.tensorflow:tensorflow-core-api:{VERSION}",
                lineage="official",
                because="TensorFlow's own project releases TensorFlow Java, under its name, to Maven Central.",
                folder="java/tensorflow",
                shared="java/shared",
                tool="maven",
                rungs=RUNGS[1:],
                version=LIBRARY,
                environment={"TF_CPP_MIN_LOG_LEVEL": "3"},
            ),
        )
