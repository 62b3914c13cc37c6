# mypy: disable-error-code="import-not-found, import-untyped, no-any-return, unused-ignore"
"""What Keras lacks, each with the probe that shows it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fwconformance.frameworks._conventions import Convention
from fwconformance.frameworks._probes import Probe, Refusal, Seen
from fwconformance.frameworks.keras._native import HAS_OPS, apply, keras, ops, variable

layers = keras.layers
optimizers = keras.optimizers

#: Parameters known not to choose the kept variance or epsilon's place, over the versions of Keras 3.
_BATCH_NORM = frozenset(
    {
        "axis", "momentum", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer",
        "moving_mean_initializer", "moving_variance_initializer",
        "beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint",
        "synchronized", "renorm", "renorm_clipping", "renorm_momentum", "kwargs",
    }
)  # fmt: skip
_ADAM = frozenset(
    {
        "learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad", "weight_decay", "clipnorm", "clipvalue",
        "global_clipnorm", "use_ema", "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor",
        "gradient_accumulation_steps", "name", "kwargs",
    }
)  # fmt: skip


def running_variance(asked: str, kind: Any = layers.BatchNormalization) -> Convention:
    """Keeps the variance of 0 and 2 alone: 1 if biased, 2 if unbiased."""

    def measure() -> float:
        layer = kind(momentum=0.0)
        layer(np.array([[0.0], [2.0]], "float32"), training=True)
        return float(ops.convert_to_numpy(layer.moving_variance)[0])

    return Convention(
        label="keras.layers.BatchNormalization",
        measure=measure,
        gives={"biased": 1.0, "unbiased": 2.0},
        asked=asked,
        takes=kind.__init__,
        known=_BATCH_NORM,
    )


def fused_vectors(kind: Any = layers.BatchNormalization) -> Refusal:
    """The unbiased variance of vectors, where the fused kernel keeps that of images. The same call of an image runs
    first.
    """
    kind(fused=True)(np.ones((1, 2, 2, 1), "float32"), training=True)
    return Refusal(
        call=lambda: kind(fused=True)(np.ones((2, 1), "float32"), training=True),
        label="keras.layers.BatchNormalization(fused=True), whose running variance is unbiased, of vectors",
        error=ValueError,
        saying="fused",
    )


def epsilon_placement(asked: str, kind: Any = optimizers.Adam) -> Convention:
    """One step with gradient 1, rate 1 and epsilon 1: 0.5 if epsilon joins the corrected root, else sqrt(c2) /
    (sqrt(c2) + 1).
    """
    root = math.sqrt(0.001)

    def measure() -> float:
        weight = variable(np.zeros(1, "float32"))
        apply(kind(learning_rate=1.0, epsilon=1.0), [ops.ones(1)], [weight])
        return -float(ops.convert_to_numpy(weight)[0])

    return Convention(
        label="keras.optimizers.Adam",
        measure=measure,
        gives={"corrected": 0.5, "uncorrected": root / (root + 1.0)},
        asked=asked,
        takes=kind.__init__,
        known=_ADAM,
    )


def measured_placement() -> str:
    """Where Keras' Adam adds epsilon, by running it."""
    convention = epsilon_placement("corrected")
    seen = convention.measure()
    return min(convention.gives, key=lambda name: abs(convention.gives[name] - seen))


def explicit_average_padding(kind: Any = layers.AveragePooling2D) -> Refusal:
    """Average pooling by a padding of one's own, its cells not counted: Keras knows only "valid" and "same".

    The same call with "same" runs first, so that an error can only be about the padding.
    """
    image = np.ones((1, 4, 4, 1), "float32")

    def ask() -> Any:
        return kind(2, strides=2, padding=((1, 1), (1, 1)))(image)

    kind(2, strides=2, padding="same")(image)
    return Refusal(
        call=ask,
        label="keras.layers.AveragePooling2D(padding=((1, 1), (1, 1))), where padding='same' works",
        error=(ValueError, AttributeError, TypeError),
    )


def grouped_transpose(kind: Any = layers.Conv2DTranspose) -> Probe:
    """A transposed convolution in groups. The same call in one group runs first."""
    image = np.ones((1, 4, 4, 2), "float32")
    whole = kind(2, 2)
    whole(image)
    if not HAS_OPS:
        grouped = kind(2, 2, groups=2)
        grouped(image)
        same = tuple(grouped.kernel.shape) == tuple(whole.kernel.shape)
        said = "keras.layers.Conv2DTranspose(groups=2) has the kernel of one group: it takes the word and ignores it"
        return Seen(absent=same, evidence=said)
    return Refusal(
        call=lambda: kind(2, 2, groups=2)(image),
        label="keras.layers.Conv2DTranspose(groups=2)",
        error=(TypeError, ValueError),
        saying="groups",
    )


def grouped_convolution(kind: Any = layers.Conv2D) -> Refusal:
    """A convolution in groups, which Keras 2 leaves to a kernel that TensorFlow of 2020 has for graphics cards."""
    return Refusal(
        call=lambda: kind(2, 2, groups=2)(np.ones((1, 4, 4, 2), "float32")),
        label="keras.layers.Conv2D(groups=2)",
        # An error of TensorFlow, which is not imported here.
        error=Exception,
        saying="grouped convolutions",
    )


def strided_dilation(kind: Any = layers.Conv2D) -> Refusal:
    """A convolution both strided and dilated."""
    return Refusal(
        call=lambda: kind(1, 2, strides=2, dilation_rate=2)(np.ones((1, 8, 8, 1), "float32")),
        label="keras.layers.Conv2D(strides=2, dilation_rate=2)",
        error=ValueError,
        saying="dilation_rate",
    )
