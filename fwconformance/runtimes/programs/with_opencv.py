# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""OpenCV's own importer of Caffe's networks, on the CPU; OpenCV 5 has none any more."""

from __future__ import annotations

from typing import Any

import _serve


def load(request: _serve.Request) -> tuple[_serve.Call, str]:
    """See `_serve.serve`. The file is the definition, the entry the weights."""
    import cv2

    network = cv2.dnn.readNetFromCaffe(request["file"], request["entry"])

    def call(values: Any) -> Any:
        network.setInput(values)
        # What it gives is a view of the network's memory.
        return network.forward().copy()

    return call, f"OpenCV {cv2.__version__}"


if __name__ == "__main__":
    _serve.serve(load)
