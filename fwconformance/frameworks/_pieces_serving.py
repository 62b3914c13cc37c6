"""Protocol of the piece that has a model served: what is written for deployment, and what a server loads."""

from __future__ import annotations

from typing import Any, Callable, Mapping, Protocol

from fwconformance.frameworks._protocol import Array, Model, Tensor


class Serving(Protocol):
    """Piece "serving": the framework's part in serving a model over HTTP. The server is `_litserve`'s.

    The file is of the format that the framework's own guides name for deployment in Python.
    """

    def save(self, model: Model, inputs: Array, folder: str) -> Mapping[str, str]:
        """Write `model`, in inference mode and for any batch size, below `folder`; return ``Artifact(...).to_json()``.

        `inputs`: an example batch (neutral layout), for tracing. Raises as `Exporter.export` does.
        """
        ...

    def load(self, folder: str, described: Mapping[str, str]) -> Callable[[Array], Tensor]:
        """In the server's process, which has not built the model: load what `save` wrote and described.

        Returns a function of inputs (batch, ...), float32 in the neutral layout, that gives outputs (batch, ...) in
        inference mode: a native tensor, on the device of this framework. It raises where it does not take the inputs.
        """
        ...


SERVING_PIECES: Mapping[str, Any] = {"serving": Serving}
