# mypy: disable-error-code="import-not-found, import-untyped, misc, no-any-return, unused-ignore"
"""Core ML by coremltools, Apple's converter, which the adapters of PyTorch, TensorFlow and Keras share.

It converts on any system; only macOS has what predicts.
"""

from __future__ import annotations

import warnings
from typing import Any, Sequence

#: What is written, below the folder given.
FILE = "model.mlpackage"
#: Of coremltools, what to install.
PACKAGE = "coremltools"
#: The largest batch that the file takes: a program for Core ML needs a bound, and any is as good as another.
MOST = 64


def write(model: Any, source: str, shape: Sequence[int | None], target: str) -> None:
    """Write `model` as a Core ML program into the package `target`.

    Args:
        model: what coremltools takes of the `source`: a traced module, concrete functions, a Keras model.
        source: "pytorch" or "tensorflow".
        shape: of its one float32 input; None is an axis of 1 to `MOST`.
        target: a path that ends in ".mlpackage".
    """
    with warnings.catch_warnings():
        # It warns of every release of a framework that is newer than itself.
        warnings.simplefilter("ignore")
        import coremltools

        sizes = tuple(
            coremltools.RangeDim(lower_bound=1, upper_bound=MOST, default=1) if size is None else int(size)
            for size in shape
        )
        program = coremltools.convert(
            model,
            source=source,
            inputs=[coremltools.TensorType(name="inputs", shape=sizes)],
            convert_to="mlprogram",
            # In full: half precision, which is its default, is another question.
            compute_precision=coremltools.precision.FLOAT32,
            minimum_deployment_target=coremltools.target.iOS16,
            skip_model_load=True,
        )
        program.save(target)
