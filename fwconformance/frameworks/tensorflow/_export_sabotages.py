# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore, misc"
"""Three faults for each exported format, planted in what TensorFlow traces: only graphs are wrong, not the eager model
that the file is compared with.
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

import tensorflow as tf

from fwconformance.frameworks._export_faults import quantising_nothing
from fwconformance.frameworks._patching import replaced
from fwconformance.frameworks._protocol import Sabotage
from fwconformance.frameworks.tensorflow._export_litert import LiteRtExporter

#: The batch size that the faulty signature has.
_ROWS = 3

FORMATS = ("saved-model", "onnx", "openvino", "litert", "tensorflow-js", "coreml", "stablehlo")
#: The batch size is always in it: there is no case that would show it planted.
_FIXED = ("stablehlo",)


def _of_one_size(original: Any) -> Any:
    class Faulty(type):
        def __call__(cls, shape: Any, *arguments: Any, **named: Any) -> Any:
            return original((_ROWS, *tuple(shape)[1:]), *arguments, **named)

        def __instancecheck__(cls, value: Any) -> bool:  # tf2onnx asks what is one
            return isinstance(value, original)

    return Faulty("TensorSpec", (), {})


def _without_bias(original: Any) -> Any:
    def bias_add(value: Any, bias: Any, *arguments: Any, **named: Any) -> Any:
        return original(value, bias, *arguments, **named) if tf.executing_eagerly() else value

    return bias_add


def _by_the_batch(original: Any) -> Any:
    def normalise(**named: Any) -> Any:
        found = original(**named)
        if tf.executing_eagerly():
            return found
        # Not by `is_training`, which TensorFlow.js does not look at, nor by its `mean`, which Core ML wants constant.
        mean, variance = tf.nn.moments(named["x"], [0, 1, 2])
        scale, shift = named["scale"], named["offset"]
        wrong = tf.nn.batch_normalization(named["x"], mean, variance, shift, scale, named["epsilon"])
        return found._replace(y=wrong)

    return normalise


def _planted(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], Any]:
    return lambda: replaced(owner, name, make)


def sabotages() -> Sequence[Sabotage]:
    """Of every format that TensorFlow is exported to."""
    faults = tuple(sabotage for form in FORMATS for sabotage in _of(form))
    return (*faults, quantising_nothing("litert", LiteRtExporter))


def _of(form: str) -> Sequence[Sabotage]:
    baked = Sabotage(
        name=f"{form}-bakes-in-the-batch",
        kills=f"export.{form}",
        case="dynamic-batch",
        apply=_planted(tf, "TensorSpec", _of_one_size),
        description=f"tf.TensorSpec makes signatures of a batch of {_ROWS}.",
    )
    return (
        *(() if form in _FIXED else (baked,)),
        Sabotage(
            name=f"{form}-drops-a-bias",
            kills=f"export.{form}",
            case="convolutional",
            apply=_planted(tf.nn, "bias_add", _without_bias),
            description="tf.nn.bias_add leaves the bias out in graphs.",
        ),
        Sabotage(
            name=f"{form}-exports-training",
            kills=f"export.{form}",
            case="convolutional",
            apply=_planted(tf.raw_ops, "FusedBatchNormV3", _by_the_batch),
            description="tf.raw_ops.FusedBatchNormV3 normalises by the batch in graphs, as training does.",
        ),
    )
