# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""TensorFlow from Rust: the crate of TensorFlow's project, over the wheel's C library."""

from __future__ import annotations

from typing import Sequence

import tensorflow as tf

from fwconformance.frameworks._pieces_bindings import RUNGS, Project
from fwconformance.frameworks.tensorflow._bindings_files import ByCheckpoint, library

#: As in the program's Cargo.toml, and the library that it is written for.
VERSION, MADE_FOR = "0.21.0", "2.13"


class Rust(ByCheckpoint):
    """Graphs and sessions."""

    def projects(self) -> Sequence[Project]:
        """The one crate."""
        package = library()
        # Here lie a library for the linker, and its description, by the name that the crate asks for.
        named = "{source}/../shared/lib"
        return (
            Project(
                language="rust",
                framework="tensorflow",
                artifact=f"the crate tensorflow {VERSION}, written for TensorFlow {MADE_FOR}",
                lineage="official",
                because="TensorFlow's own project releases it.",
                folder="rust/tensorflow",
                shared="rust/shared",
                tool="cargo",
                rungs=RUNGS[1:],
                settings={
                    "PKG_CONFIG_PATH": named,
                    "RUSTFLAGS": f"-L native={named} -L native={package} -C link-arg=-Wl,-rpath,{package}",
                },
                version=str(tf.__version__),
                environment={"TF_CPP_MIN_LOG_LEVEL": "3"},
                case="crate",
                needs={"pkg-config|pkgconf": "pkg-config"},
            ),
        )
