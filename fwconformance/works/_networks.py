"""Layers of the works' networks."""

from __future__ import annotations

import attrs

from fwconformance.frameworks import (
    LSTM,
    Activation,
    BatchNorm,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    Layer,
    LayerNorm,
    LocalResponseNorm,
    Pool2D,
    Route,
    SelfAttention,
    Shortcut,
)

_RELU = Activation(kind="relu")
_TANH = Activation(kind="tanh")
_HALVED = Pool2D(kind="max", size=(3, 3), stride=(2, 2))


def _conv(channels: int, kernel: int, *, padding: int = 0, stride: int = 1, groups: int = 1) -> Conv2D:
    sides = (padding, padding)
    return Conv2D(
        channels=channels, kernel=(kernel, kernel), stride=(stride, stride), padding=(sides, sides), groups=groups
    )


def _max(size: int) -> Pool2D:
    return Pool2D(kind="max", size=(size, size), stride=(size, size))


def _padded_max(*, stride: int) -> Pool2D:
    return Pool2D(kind="max", size=(3, 3), stride=(stride, stride), padding=(1, 1))


def _average(size: int) -> Pool2D:
    return Pool2D(kind="average", size=(size, size), stride=(size, size))


MLP: tuple[Layer, ...] = (Dense(units=1024), _RELU, Dense(units=1024), _RELU, Dense(units=10))

LENET5: tuple[Layer, ...] = (
    *(_conv(6, 5, padding=2), _TANH, _average(2)),
    *(_conv(16, 5), _TANH, _average(2)),
    *(Flatten(), Dense(units=120), _TANH, Dense(units=84), _TANH, Dense(units=10)),
)

CAFFENET: tuple[Layer, ...] = (
    *(_conv(96, 11, stride=4), _RELU, _HALVED, LocalResponseNorm()),
    *(_conv(256, 5, padding=2, groups=2), _RELU, _HALVED, LocalResponseNorm()),
    *(_conv(384, 3, padding=1), _RELU),
    *(_conv(384, 3, padding=1, groups=2), _RELU),
    *(_conv(256, 3, padding=1, groups=2), _RELU, _HALVED),
    *(Flatten(), Dense(units=4096), _RELU, Dense(units=4096), _RELU, Dense(units=1000)),
)

LSTM_LM: tuple[Layer, ...] = (
    Embedding(vocabulary=10_000, features=200),
    LSTM(units=200),
    LSTM(units=200),
    Dense(units=10_000),
)

VGG_A: tuple[Layer, ...] = (
    *(_conv(64, 3, padding=1), _RELU, _max(2)),
    *(_conv(128, 3, padding=1), _RELU, _max(2)),
    *(_conv(256, 3, padding=1), _RELU, _conv(256, 3, padding=1), _RELU, _max(2)),
    *(_conv(512, 3, padding=1), _RELU, _conv(512, 3, padding=1), _RELU, _max(2)),
    *(_conv(512, 3, padding=1), _RELU, _conv(512, 3, padding=1), _RELU, _max(2)),
    *(Flatten(), Dense(units=4096), _RELU, Dense(units=4096), _RELU, Dense(units=1000)),
)


def _inception(start: int, one: int, three: tuple[int, int], five: tuple[int, int], pooled: int) -> tuple[Layer, ...]:
    """An inception module whose first layer is at index `start`: channels of its four branches, and of the narrow
    convolutions before the wide ones.
    """
    back = Route(layers=(start - 1,))
    return (
        *(_conv(one, 1), _RELU),
        *(back, _conv(three[0], 1), _RELU, _conv(three[1], 3, padding=1), _RELU),
        *(back, _conv(five[0], 1), _RELU, _conv(five[1], 5, padding=2), _RELU),
        *(back, _padded_max(stride=1), _conv(pooled, 1), _RELU),
        Route(layers=(start + 1, start + 6, start + 11, start + 15)),
    )


def _googlenet() -> tuple[Layer, ...]:
    layers: list[Layer] = [
        *(_conv(64, 7, padding=3, stride=2), _RELU, _padded_max(stride=2), LocalResponseNorm()),
        *(_conv(64, 1), _RELU, _conv(192, 3, padding=1), _RELU, LocalResponseNorm(), _padded_max(stride=2)),
    ]
    for stage in (
        ((64, (96, 128), (16, 32), 32), (128, (128, 192), (32, 96), 64)),
        (
            (192, (96, 208), (16, 48), 64),
            (160, (112, 224), (24, 64), 64),
            (128, (128, 256), (24, 64), 64),
            (112, (144, 288), (32, 64), 64),
            (256, (160, 320), (32, 128), 128),
        ),
        ((256, (160, 320), (32, 128), 128), (384, (192, 384), (48, 128), 128)),
    ):
        for widths in stage:
            layers += _inception(len(layers), *widths)
        layers.append(_padded_max(stride=2))
    layers[-1] = _average(7)
    return (*layers, Flatten(), Dense(units=1000))


GOOGLENET = _googlenet()


def _normalised(channels: int, kernel: int, *, stride: int = 1) -> tuple[Layer, ...]:
    """A convolution without bias and a batch normalisation."""
    convolution = attrs.evolve(_conv(channels, kernel, padding=kernel // 2, stride=stride), bias=False)
    return (convolution, BatchNorm(running_variance="either"))


def _resnet_50() -> tuple[Layer, ...]:
    layers: list[Layer] = [*_normalised(64, 7, stride=2), _RELU, _padded_max(stride=2)]
    for channels, blocks, first_stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for block in range(blocks):
            stride, before = (first_stride if block == 0 else 1), len(layers) - 1
            layers += [*_normalised(channels, 1), _RELU, *_normalised(channels, 3, stride=stride), _RELU]
            layers += _normalised(4 * channels, 1)
            if block == 0:
                # The shortcut has a convolution of its own where the shapes differ.
                straight = len(layers) - 1
                layers += [Route(layers=(before,)), *_normalised(4 * channels, 1, stride=stride)]
                before = straight
            layers += [Shortcut(layer=before), _RELU]
    return (*layers, _average(7), Flatten(), Dense(units=1000))


RESNET_50 = _resnet_50()

TRANSFORMER: tuple[Layer, ...] = (
    *(SelfAttention(heads=8), Shortcut(layer=-1), LayerNorm()),
    *(Dense(units=2048), _RELU, Dense(units=512), Shortcut(layer=2), LayerNorm()),
)
