"""The idiomatic programs of a framework, below `fixtures/usability`, and the modules that its names are in."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Mapping

import attrs

from fwconformance.frameworks._protocol import NotAdapted

#: Framework to its own top-level module first, then those whose names its programs need beside it. Keras runs on a
#: backend, and a loop of one's own uses the backend's names: they count as names that its programs use.
ROOTS: Mapping[str, tuple[str, ...]] = {
    "pytorch": ("torch",),
    "tensorflow": ("tensorflow",),
    "keras": ("keras", "tensorflow", "torch", "jax"),
    "mxnet": ("mxnet",),
    "caffe": ("caffe",),
}


@attrs.frozen(kw_only=True)
class Idiom:
    """Where one framework's programs lie.

    Attributes:
        framework, backend: as the seam has them.
        prelude: Python that runs in the program's process before it; "" but where a fault is planted.
    """

    framework: str
    backend: str = ""

    prelude = ""

    @property
    def roots(self) -> tuple[str, ...]:
        """Top-level modules whose names are the framework's. Raises NotAdapted for one without programs."""
        if self.framework not in ROOTS:
            raise NotAdapted(
                f"there are no idiomatic programs for {self.framework}; see docs/usability.md for what to add"
            )
        return ROOTS[self.framework]

    @property
    def folders(self) -> tuple[str, ...]:
        """Below `fixtures/usability`, the first that has a task wins."""
        self.roots  # noqa: B018  says what is missing
        own = (f"{self.framework}-{self.backend}",) if self.backend else ()
        earlier = (f"{self.framework}-2",) if self.backend and is_keras_2() else ()
        return (*own, *earlier, self.framework)

    @property
    def documented(self) -> str:
        """The module whose public names are counted: that of Keras 2 leads to another."""
        return "tensorflow.keras" if self.framework == "keras" and is_keras_2() else self.roots[0]


def is_keras_2() -> bool:
    """Whether the package keras that is here is the one that leads to TensorFlow's Keras, without code of its own.

    It is looked for, not imported.
    """
    found = importlib.util.find_spec("keras")
    places = list(found.submodule_search_locations or ()) if found is not None else []
    return bool(places) and not any((Path(place) / "src").is_dir() for place in places)
